package io.ringrift.benchmarks;

import io.ringrift.node.client.WorkStreamClient;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkItem;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Our queue over `QueueService.WorkStream`: all workers share one stream, and each completes its
/// item and claims the next in one message. The item that it claimed ahead is given back at the
/// end.
final class RingriftStreams implements WorkQueue {
  private final RingriftCluster cluster;
  private final RingriftQueue plain;
  private @Nullable WorkStreamClient stream;

  RingriftStreams(RingriftCluster cluster) {
    this.cluster = cluster;
    this.plain = new RingriftQueue(cluster);
  }

  @Override
  public String name() {
    return cluster.name() + ", stream";
  }

  @Override
  public Collection<Long> pids() {
    return cluster.pids();
  }

  @Override
  public void fill(int items) {
    plain.fill(items);
    if (stream != null) {
      stream.close();
    }
    stream = new WorkStreamClient(cluster.leader());
  }

  @Override
  public Worker worker(int number) {
    if (stream == null) {
      throw new IllegalStateException("fill comes first");
    }
    return new OneWorker(stream, "worker-" + number);
  }

  private static final class OneWorker implements Worker {
    private final WorkStreamClient stream;
    private final String id;
    private WorkItem held = WorkItem.getDefaultInstance();
    private @Nullable CompletableFuture<WorkAnswer> ahead;

    OneWorker(WorkStreamClient stream, String id) {
      this.stream = stream;
      this.id = id;
    }

    private WorkCall.Builder next() {
      return WorkCall.newBuilder().setClaim(RingriftQueue.claim(id));
    }

    private ClaimRef.Builder ref() {
      return ClaimRef.newBuilder()
          .setWorkId(held.getWorkId())
          .setClaimToken(held.getClaimToken())
          .setWorkerId(id);
    }

    @Override
    public Optional<String> claim() {
      var asked = ahead == null ? stream.call(next()).getFirst() : ahead;
      ahead = null;
      WorkAnswer answer = accepted(asked.join());
      if (answer.getClaim().getItemsCount() == 0) {
        return Optional.empty();
      }
      held = answer.getClaim().getItems(0);
      return Optional.of(held.getWorkId());
    }

    @Override
    public void complete() {
      var answers =
          stream.call(
              WorkCall.newBuilder().setComplete(CompleteWorkRequest.newBuilder().setClaim(ref())),
              next());
      ahead = answers.getLast();
      accepted(answers.getFirst().join());
    }

    private static WorkAnswer accepted(WorkAnswer answer) {
      if (answer.hasRefused()) {
        throw new SpoiledRun("a call was refused: " + answer.getRefused().getMessage(), null);
      }
      return answer;
    }

    @Override
    public void end() {
      if (ahead != null && claim().isPresent()) {
        var release = ReleaseWorkRequest.newBuilder().setClaim(ref()).setCause("the run is over");
        accepted(stream.call(WorkCall.newBuilder().setRelease(release)).getFirst().join());
      }
    }
  }
}
