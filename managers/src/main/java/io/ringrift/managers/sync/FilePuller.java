package io.ringrift.managers.sync;

import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.PullFilesResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Fetches the files of one request, a few at a time over all requests of the node. Blocks; safe
/// for any thread.
final class FilePuller {
  private static final int MOST_FILES = 1000;
  private static final int MOST_ALTERNATES = 100;
  private static final int DEFAULT_PORT = 8770;

  private final Services services;
  private final Membership membership;
  private final FenceGate gate;
  private final FileTransfer transfer;
  private final PackReceiver packs;
  private final SyncCounters counters;
  private final Intake intake;

  FilePuller(
      Services services,
      Membership membership,
      FenceGate gate,
      Receivers receivers,
      SyncCounters counters,
      Intake intake) {
    this.services = services;
    this.membership = membership;
    this.gate = gate;
    this.transfer = receivers.file();
    this.packs = receivers.pack();
    this.counters = counters;
    this.intake = intake;
  }

  /// The same that receives by other parts.
  FilePuller with(Receivers others) {
    return new FilePuller(services, membership, gate, others, counters, intake);
  }

  /// The parts that receive, a file or a pack of small ones.
  record Receivers(FileTransfer file, PackReceiver pack) {}

  /// What became of one file; an empty failure means that it is here.
  private record Pulled(String path, long bytes, Optional<FailedFile> failure) {}

  /// @throws Refusal INVALID_ARGUMENT, STALE_EPOCH, PATH_OUTSIDE_ROOT or NODE_NOT_FOUND before
  ///   anything is done; later failures are in the response
  PullFilesResponse pull(PullFilesRequest request) throws InterruptedException {
    var fence = fence(request);
    var files = files(request);
    var expected = expected(request);
    var sources = sources(request);
    // Last: an admitted epoch is remembered for good, so a request that is invalid may not bring
    // it.
    fence.ifPresent(gate::admit);
    var pulled = new ArrayList<>(packed(expected, sources.getFirst(), fence));
    var done = pulled.stream().map(Pulled::path).collect(Collectors.toSet());
    var asks = new ArrayList<Callable<Pulled>>();
    for (String path : files) {
      if (!done.contains(path)) {
        asks.add(() -> one(path, Optional.ofNullable(expected.get(path)), sources, fence));
      }
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var ask : threads.invokeAll(asks)) {
        pulled.add(ask.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a pull failed in no known way", e.getCause());
    }
    return response(pulled);
  }

  /// Small files together from the first source; those that did not come are then asked for one by
  /// one.
  private List<Pulled> packed(
      Map<String, Content> expected, Source source, Optional<io.ringrift.kernel.Fence> fence)
      throws InterruptedException {
    var small = expected.values().stream().filter(PackReceiver::takes).toList();
    if (small.size() < 2) {
      return List.of();
    }
    try (var _ = intake.begin(source.node())) {
      fence.ifPresent(gate::admit);
      var arrived = packs.fetch(small, source);
      return small.stream().filter(file -> arrived.contains(file.path())).map(this::came).toList();
    }
  }

  private Pulled came(Content file) {
    counters.add(SyncCounters.PULLED_FILES, 1);
    counters.add(SyncCounters.PULLED_BYTES, file.size());
    return new Pulled(file.path(), file.size(), Optional.empty());
  }

  private Pulled one(
      String path,
      Optional<Content> told,
      List<Source> sources,
      Optional<io.ringrift.kernel.Fence> fence)
      throws InterruptedException {
    try (var _ = intake.begin(sources.getFirst().node())) {
      fence.ifPresent(gate::admit);
      Content wanted = told.isPresent() ? told.get() : transfer.describe(path, sources.getFirst());
      long bytes = transfer.fetch(wanted, sources);
      counters.add(SyncCounters.PULLED_FILES, 1);
      counters.add(SyncCounters.PULLED_BYTES, bytes);
      return new Pulled(path, bytes, Optional.empty());
    } catch (Refusal refusal) {
      counters.add(SyncCounters.PULL_FAILURES, 1);
      return new Pulled(path, 0, Optional.of(failure(path, sources.getFirst().node(), refusal)));
    }
  }

  private FailedFile failure(String path, NodeId source, Refusal refusal) {
    return FailedFile.newBuilder()
        .setPath(path)
        .setSourceNodeId(refusal.details().getOrDefault("source_node_id", source.value()))
        .setTargetNodeId(services.self().value())
        .setReason(refusal.reason().name())
        .setDetail(refusal.text())
        .build();
  }

  private static PullFilesResponse response(List<Pulled> pulled) {
    var failed = pulled.stream().flatMap(one -> one.failure().stream()).toList();
    return PullFilesResponse.newBuilder()
        .setSuccess(failed.isEmpty())
        .setFilesCompleted(pulled.size() - failed.size())
        .setBytesTransferred(pulled.stream().mapToLong(Pulled::bytes).sum())
        .setError(
            failed.isEmpty()
                ? ""
                : failed.getFirst().getReason() + ": " + failed.getFirst().getDetail())
        .addAllFailed(failed)
        .build();
  }

  private static Optional<io.ringrift.kernel.Fence> fence(PullFilesRequest request) {
    if (!request.hasFence()) {
      return Optional.empty();
    }
    Fence fence = request.getFence();
    return Optional.of(
        new io.ringrift.kernel.Fence(new Epoch(fence.getEpoch()), new NodeId(fence.getLeaderId())));
  }

  private static List<String> files(PullFilesRequest request) {
    var files = new LinkedHashSet<>(request.getFilesList());
    request.getExpectedList().forEach(entry -> files.add(entry.getPath()));
    if (files.isEmpty() || files.size() > MOST_FILES) {
      throw Refusal.invalid("files", files.size() + " paths", "1 to " + MOST_FILES + " paths");
    }
    files.forEach(SafePath::check);
    return List.copyOf(files);
  }

  private static Map<String, Content> expected(PullFilesRequest request) {
    for (FileEntry entry : request.getExpectedList()) {
      if (!FileDigest.isSha256(entry.getSha256())) {
        throw Refusal.invalid("expected.sha256", entry.getSha256(), "64 lower-case hex digits");
      }
      if (entry.getSizeBytes() < 0 || entry.getSizeBytes() > RangedFile.MOST_BYTES) {
        throw Refusal.invalid(
            "expected.size_bytes",
            Long.toString(entry.getSizeBytes()),
            "0 to " + RangedFile.MOST_BYTES);
      }
    }
    return request.getExpectedList().stream()
        .map(Content::of)
        .collect(
            Collectors.toMap(
                Content::path, Function.identity(), (first, _) -> first, LinkedHashMap::new));
  }

  private List<Source> sources(PullFilesRequest request) {
    if (request.getAlternateNodeIdsCount() > MOST_ALTERNATES) {
      throw Refusal.invalid(
          "alternate_node_ids",
          request.getAlternateNodeIdsCount() + " ids",
          "at most " + MOST_ALTERNATES + " ids");
    }
    var nodes = new LinkedHashSet<NodeId>();
    nodes.add(primary(request));
    request.getAlternateNodeIdsList().forEach(id -> nodes.add(new NodeId(id)));
    nodes.remove(services.self());
    if (nodes.isEmpty()) {
      throw Refusal.invalid(
          "source_node_id", services.self().value(), "another node than this one");
    }
    return nodes.stream().map(node -> new Source(node, services.on(node))).toList();
  }

  /// Only members are read from: whoever may call this may not make the node dial anything else.
  private NodeId primary(PullFilesRequest request) {
    if (!request.getSourceNodeId().isEmpty()) {
      var id = new NodeId(request.getSourceNodeId());
      if (id.equals(services.self()) || membership.member(id).isPresent()) {
        return id;
      }
      throw new Refusal(
          Reason.NODE_NOT_FOUND, "source_node_id " + id + " is no member; see `node list`");
    }
    if (request.getSourceHost().isBlank()) {
      throw Refusal.invalid("source_host", request.getSourceHost(), "set, or source_node_id be");
    }
    return listening(request.getSourceHost(), request.getSourcePort())
        .or(() -> listening(request.getSourceReportedHost(), request.getSourceReportedPort()))
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.NODE_NOT_FOUND,
                    "no member listens at "
                        + request.getSourceHost()
                        + ":"
                        + port(request.getSourcePort())
                        + "; name it by source_node_id, see `node list`"));
  }

  private Optional<NodeId> listening(String host, int port) {
    if (host.isBlank()) {
      return Optional.empty();
    }
    var wanted = new Endpoint(plain(host), port(port));
    return membership.members().stream()
        .filter(
            member ->
                member
                    .endpoint()
                    .filter(at -> new Endpoint(plain(at.host()), at.port()).equals(wanted))
                    .isPresent())
        .map(Member::id)
        .findFirst();
  }

  private static String plain(String host) {
    return host.equalsIgnoreCase("localhost") ? "127.0.0.1" : host.toLowerCase(Locale.ROOT);
  }

  private static int port(int port) {
    return port == 0 ? DEFAULT_PORT : port;
  }
}
