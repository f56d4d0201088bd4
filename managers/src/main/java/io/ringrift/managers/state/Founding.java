package io.ringrift.managers.state;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.Estate;
import io.ringrift.state.v1.Found;
import io.ringrift.state.v1.SaveSnapshotRequest;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.TellEstateRequest;
import io.ringrift.state.v1.TellEstateResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what the replicated state begins with, once in the life of a log: the first leader asks
/// every voter what it brought along from another mode of consensus. With a majority of answers the
/// most advanced is put into the log, as adoption of the most advanced log does within one mode;
/// nothing else is taken until then. It blocks its thread; one runs at a time.
final class Founding {
  private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration LEDGER = Duration.ofSeconds(10);

  /// For one copy of what a voter brought along, over a slow line too.
  private static final Duration COPY = Duration.ofMinutes(5);

  private final ClusterStore store;
  private final Consensus consensus;
  private final Services services;
  private final CommandPipeline pipeline;
  private final String log;
  private final Path scratch;

  /// @param log engine and name of the log that begins
  /// @param scratch folder for the copy of another voter's state
  Founding(
      ClusterStore store,
      Consensus consensus,
      Services services,
      CommandPipeline pipeline,
      String log,
      Path scratch) {
    this.store = store;
    this.consensus = consensus;
    this.services = services;
    this.pipeline = pipeline;
    this.log = log;
    this.scratch = scratch;
  }

  /// Tries until the state is founded or this node leads no more in that epoch.
  void run(Epoch epoch) {
    String told = "";
    while (!store.founded() && pipeline.epoch().equals(Optional.of(epoch))) {
      try {
        String obstacle = attemptSafely(epoch);
        if (!obstacle.equals(told)) {
          told = obstacle;
          LOG.warn("the state is not founded yet: {}", obstacle);
        }
        if (!obstacle.isEmpty()) {
          LockSupport.parkNanos(this, PAUSE.toNanos());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// The edge of this loop: one attempt that fails must not be the last.
  private String attemptSafely(Epoch epoch) throws InterruptedException {
    try {
      return attempt(epoch);
    } catch (RuntimeException e) {
      LOG.error("founding the state failed", e);
      return "founding the state failed: " + e;
    }
  }

  /// @return what stands in the way; empty when it is done
  private String attempt(Epoch epoch) throws InterruptedException {
    Map<NodeId, Estate> estates =
        Fanout.ask(consensus.voters(), ANSWER, this::ask).answers().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().getEstate()));
    return switch (EstateChoice.among(consensus.voters().size(), estates)) {
      case EstateChoice.Wait(var obstacle) -> obstacle;
      case EstateChoice.Nothing() -> propose(List.of(found()), epoch);
      case EstateChoice.Of(var voter) -> adopt(voter, epoch);
    };
  }

  private TellEstateResponse ask(NodeId voter) {
    return StateServiceGrpc.newBlockingStub(services.on(voter))
        .tellEstate(TellEstateRequest.newBuilder().setLog(log).build());
  }

  private String adopt(NodeId voter, Epoch epoch) throws InterruptedException {
    Path copy = scratch.resolve("estate.copy-" + epoch);
    try {
      SnapshotFile.write(
          StateServiceGrpc.newBlockingStub(services.on(voter))
              .withDeadlineAfter(COPY.toMillis(), TimeUnit.MILLISECONDS)
              .saveSnapshot(SaveSnapshotRequest.newBuilder().setEstate(true).build()),
          copy);
      SnapshotFile estate = SnapshotFile.read(copy);
      LOG.info(
          "the state begins with what {} brought along: epoch {}, index {}, hash {}",
          voter,
          estate.info().getEntryEpoch(),
          estate.info().getIndex(),
          estate.info().getStateHash());
      return propose(
          estate.restore("carry-over-" + epoch + "-" + voter + "-" + estate.info().getIndex()),
          epoch);
    } catch (IOException | Refusal e) {
      return "what " + voter + " brought along cannot be copied: " + e.getMessage();
    } catch (StatusRuntimeException e) {
      return "what " + voter + " brought along cannot be copied: " + Errors.fromStatus(e).text();
    } finally {
      delete(copy);
    }
  }

  private String propose(List<Command> commands, Epoch epoch) throws InterruptedException {
    for (Command command : commands) {
      try {
        CommandResult result =
            pipeline.found(command, epoch).get(LEDGER.toMillis(), TimeUnit.MILLISECONDS);
        if (!result.getReason().isEmpty()) {
          return "the ledger refused it: " + result.getMessage();
        }
      } catch (ExecutionException | TimeoutException e) {
        return "the ledger did not take it: " + e;
      }
    }
    return "";
  }

  private static Command found() {
    return Command.newBuilder().setFound(Found.getDefaultInstance()).build();
  }

  private static void delete(Path copy) {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      LOG.warn("{} is left behind: {}", copy, e.getMessage());
    }
  }
}
