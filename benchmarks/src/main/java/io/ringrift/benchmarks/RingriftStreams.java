package io.ringrift.benchmarks;

import io.ringrift.node.client.WorkStreamClient;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Our queue over `QueueService.WorkStream`: all workers share one stream, and each completes its
/// items and claims the next in one message. What it claimed ahead is given back at the end.
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
  public Worker worker(int number, int lease) {
    if (stream == null) {
      throw new IllegalStateException("fill comes first");
    }
    return new OneWorker(stream, "worker-" + number, lease);
  }

  private static final class OneWorker implements Worker {
    private final WorkStreamClient stream;
    private final String id;
    private final int lease;
    private List<WorkItem> held = List.of();
    private @Nullable CompletableFuture<WorkAnswer> ahead;

    OneWorker(WorkStreamClient stream, String id, int lease) {
      this.stream = stream;
      this.id = id;
      this.lease = lease;
    }

    private WorkCall.Builder next() {
      return WorkCall.newBuilder().setClaim(RingriftQueue.claim(id, lease));
    }

    @Override
    public List<String> claim() {
      var asked = ahead == null ? stream.call(next()).getFirst() : ahead;
      ahead = null;
      WorkAnswer answer = accepted(asked.join());
      held = answer.getClaim().getItemsList();
      return held.stream().map(WorkItem::getWorkId).toList();
    }

    @Override
    public void complete() {
      var calls = new ArrayList<WorkCall.Builder>();
      for (WorkItem item : held) {
        var done = CompleteWorkRequest.newBuilder().setClaim(RingriftQueue.ref(item, id));
        calls.add(WorkCall.newBuilder().setComplete(done));
      }
      calls.add(next());
      var answers = stream.call(calls.toArray(WorkCall.Builder[]::new));
      ahead = answers.removeLast();
      answers.forEach(answer -> accepted(answer.join()));
    }

    private static WorkAnswer accepted(WorkAnswer answer) {
      if (answer.hasRefused()) {
        throw new SpoiledRun("a call was refused: " + answer.getRefused().getMessage(), null);
      }
      return answer;
    }

    @Override
    public void end() {
      if (ahead == null || claim().isEmpty()) {
        return;
      }
      var calls = new ArrayList<WorkCall.Builder>();
      for (WorkItem item : held) {
        var release = ReleaseWorkRequest.newBuilder().setClaim(RingriftQueue.ref(item, id));
        calls.add(WorkCall.newBuilder().setRelease(release.setCause("the run is over")));
      }
      stream
          .call(calls.toArray(WorkCall.Builder[]::new))
          .forEach(answer -> accepted(answer.join()));
    }
  }
}
