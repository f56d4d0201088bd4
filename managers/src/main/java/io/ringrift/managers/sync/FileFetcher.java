package io.ringrift.managers.sync;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.HaveFilesResponse;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Brings named contents here from whoever holds them: asks the alive members, then pulls. A file
/// with another content under a wanted name is put aside first, for the caller says which content
/// is right. Blocks; safe for any thread.
final class FileFetcher {
  /// Another pull of the same file is given this long before it is looked at again.
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final int MOST_HOLDERS = 100;

  private final Services services;
  private final Membership membership;
  private final HeldFiles held;
  private final FilePuller puller;
  private final Aside aside;
  private final SyncConfig config;
  private final Ticker ticker;

  FileFetcher(
      Services services,
      Membership membership,
      HeldFiles held,
      FilePuller puller,
      Aside aside,
      SyncConfig config,
      Ticker ticker) {
    this.services = services;
    this.membership = membership;
    this.held = held;
    this.puller = puller;
    this.aside = aside;
    this.config = config;
    this.ticker = ticker;
  }

  /// A file that is not here, and who holds it.
  record Found(String path, String sha256, long size, List<NodeId> holders) {
    FileEntry entry() {
      return FileEntry.newBuilder().setPath(path).setSizeBytes(size).setSha256(sha256).build();
    }
  }

  FetchFilesResponse fetch(FetchFilesRequest request) throws InterruptedException {
    var wanted = HeldFiles.checked(request.getFilesList());
    Moment end = ticker.now().plus(config.transferTimeout());
    int fetched = 0;
    while (true) {
      var open = lacking(wanted);
      if (open.isEmpty()) {
        return FetchFilesResponse.newBuilder().setFetched(fetched).build();
      }
      var round = round(open);
      fetched += round.getFetched();
      boolean busy =
          round.getFailedList().stream()
              .anyMatch(file -> file.getReason().equals(Reason.SYNC_IN_PROGRESS.name()));
      if (!busy || !ticker.now().plus(PAUSE).isBefore(end)) {
        return round.toBuilder().setFetched(fetched).build();
      }
      Pace.rest(ticker, ticker.now().plus(PAUSE));
    }
  }

  private Map<String, String> lacking(Map<String, String> wanted) {
    var open = new LinkedHashMap<String, String>();
    wanted.forEach(
        (path, sha256) -> {
          if (!(held.standing(path, sha256) instanceof HeldFiles.Standing.Held)) {
            open.put(path, sha256);
          }
        });
    return open;
  }

  private FetchFilesResponse round(Map<String, String> open) throws InterruptedException {
    var others =
        membership.members().stream()
            .filter(Member::alive)
            .map(Member::id)
            .filter(id -> !id.equals(services.self()))
            .toList();
    var asked = Fanout.ask(others, config.requestTimeout(), node -> ask(node, open));
    var response = FetchFilesResponse.newBuilder();
    var found = new ArrayList<Found>();
    var moved = new LinkedHashMap<String, Path>();
    for (var one : found(open, asked.answers())) {
      if (one.holders().isEmpty()) {
        response.addFailed(nowhere(one, others.size(), asked.failures()));
        continue;
      }
      try {
        aside.clear(one.path(), one.sha256()).ifPresent(place -> moved.put(one.path(), place));
        found.add(one);
      } catch (Refusal refusal) {
        response.addFailed(failed(one, refusal));
      }
    }
    try {
      for (var group : byHolders(found).values()) {
        var pulled = puller.pull(request(group));
        response
            .setFetched(response.getFetched() + pulled.getFilesCompleted())
            .addAllFailed(pulled.getFailedList());
      }
    } finally {
      moved.forEach(aside::restore);
    }
    return response.build();
  }

  private FailedFile failed(Found file, Refusal why) {
    return FailedFile.newBuilder()
        .setPath(file.path())
        .setTargetNodeId(services.self().value())
        .setReason(why.reason().name())
        .setDetail(why.text())
        .build();
  }

  private HaveFilesResponse ask(NodeId node, Map<String, String> open) {
    Channel channel = services.on(node);
    var request = HaveFilesRequest.newBuilder();
    open.forEach(
        (path, sha256) -> request.addFiles(FileEntry.newBuilder().setPath(path).setSha256(sha256)));
    try {
      return SyncServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(config.requestTimeout())
          .haveFiles(request.build());
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// The size is what most holders of the hash say; the others are not asked.
  static List<Found> found(Map<String, String> open, Map<NodeId, HaveFilesResponse> answers) {
    var paths = List.copyOf(open.keySet());
    var told = new ArrayList<Map<Long, List<NodeId>>>();
    paths.forEach(_ -> told.add(new LinkedHashMap<>()));
    new TreeMap<>(answers)
        .forEach(
            (node, answer) -> {
              for (int i = 0; i < Math.min(answer.getHeldCount(), answer.getSizesCount()); i++) {
                int place = answer.getHeld(i);
                long size = answer.getSizes(i);
                if (place >= 0
                    && place < paths.size()
                    && size >= 0
                    && size <= RangedFile.MOST_BYTES) {
                  told.get(place).computeIfAbsent(size, _ -> new ArrayList<>()).add(node);
                }
              }
            });
    var found = new ArrayList<Found>();
    for (int i = 0; i < paths.size(); i++) {
      String sha256 = open.getOrDefault(paths.get(i), "");
      found.add(found(paths.get(i), sha256, told.get(i), i));
    }
    return found;
  }

  private static Found found(String path, String sha256, Map<Long, List<NodeId>> told, int place) {
    long size = 0;
    List<NodeId> nodes = new ArrayList<>();
    for (var one : told.entrySet()) {
      if (one.getValue().size() > nodes.size()) {
        size = one.getKey();
        nodes = one.getValue();
      }
    }
    // Each file begins at another of its holders, so that they share the work.
    Collections.rotate(nodes, -place);
    var first = nodes.subList(0, Math.min(MOST_HOLDERS, nodes.size()));
    return new Found(path, sha256, size, List.copyOf(first));
  }

  private static Map<List<NodeId>, List<Found>> byHolders(List<Found> found) {
    var groups = new LinkedHashMap<List<NodeId>, List<Found>>();
    found.forEach(one -> groups.computeIfAbsent(one.holders(), _ -> new ArrayList<>()).add(one));
    return groups;
  }

  private static PullFilesRequest request(List<Found> group) {
    var holders = group.getFirst().holders();
    return PullFilesRequest.newBuilder()
        .setSourceNodeId(holders.getFirst().value())
        .addAllAlternateNodeIds(holders.stream().skip(1).map(NodeId::value).toList())
        .addAllExpected(group.stream().map(Found::entry).toList())
        .build();
  }

  private FailedFile nowhere(Found file, int asked, Map<NodeId, String> silent) {
    return FailedFile.newBuilder()
        .setPath(file.path())
        .setTargetNodeId(services.self().value())
        .setReason(Reason.FILE_NOT_FOUND.name())
        .setDetail(
            "no node holds "
                + file.path()
                + " with the hash "
                + file.sha256()
                + "; "
                + asked
                + " others were asked"
                + (silent.isEmpty() ? "" : ", without an answer from " + silent.keySet()))
        .build();
  }
}
