package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What a live run leaves in the user's deployment is taken out of it once: at its end, when it
/// breaks off, and when the process is told to end (SIGINT, SIGTERM). Faults end first; then calls
/// on their way may end, and the items of the run that have not ended are cancelled, for half a
/// minute at most. What could not be done is told, and does not keep from the rest. Opened and
/// closed by the thread of the run.
final class LiveCleaning implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration CALLS = Duration.ofSeconds(3);

  /// The second finds what a call on its way has submitted behind the first.
  private static final int ROUNDS = 2;

  private final LivePlan plan;
  private final String prefix;
  private final Clients clients;
  private final LiveStrike strike;
  private final EvidenceRecorder recorder;
  private final PrintWriter out;
  private final Ticker ticker = Ticker.system();
  private final Thread hook = new Thread(this::interrupted, "interrupted");

  /// Guarded by this.
  private boolean done;

  private volatile boolean ending;

  /// @param prefix of the payloads of this run's items
  LiveCleaning(
      LivePlan plan,
      String prefix,
      Clients clients,
      LiveStrike strike,
      EvidenceRecorder recorder,
      PrintWriter out) {
    this.plan = plan;
    this.prefix = prefix;
    this.clients = clients;
    this.strike = strike;
    this.recorder = recorder;
    this.out = out;
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException already) {
      rest();
    }
  }

  private void interrupted() {
    ending = true;
    out.println("interrupted: taking back what the run has done and cancelling its items");
    out.flush();
    clean();
  }

  /// Once; whoever comes second waits for the first.
  synchronized void clean() {
    if (done) {
      return;
    }
    done = true;
    clients.over();
    step("what was done to a node", strike::close);
    step("the clients", () -> clients.join(CALLS));
    step("the clients", clients::close);
    step("work items whose payload begins with " + prefix, this::cancel);
  }

  private void step(String what, Runnable step) {
    try {
      step.run();
    } catch (Refusal refusal) {
      left(what + ": " + refusal.text());
    } catch (RuntimeException e) {
      left(what + ": " + e);
    }
  }

  private void cancel() {
    Moment end = ticker.now().plus(LONGEST);
    var finals = new Finals(plan.byAddress(), prefix, _ -> Optional.empty(), plan.token());
    List<String> unended = finals.unended();
    for (int round = 1; round <= ROUNDS && !unended.isEmpty(); round++) {
      if (!cancel(unended, prefix + "end" + round + "-", end)) {
        return;
      }
      unended = finals.unended();
    }
    unended.forEach(id -> left("work item " + id + ": it was cancelled and has not ended"));
  }

  /// @return whether there was time for all
  private boolean cancel(List<String> items, String requests, Moment end) {
    try (var client = plan.client(PATIENCE)) {
      for (int i = 0; i < items.size(); i++) {
        String id = items.get(i);
        if (ticker.now().isAfter(end)) {
          left("%d work items, %s the first: no time was left".formatted(items.size() - i, id));
          return false;
        }
        var cancel = CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(requests + id);
        try {
          var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).cancelWork(cancel.build()));
        } catch (Refusal refusal) {
          // The next listing tells whether it is there still.
          recorder.note("work item " + id + " was not cancelled: " + refusal.text());
        }
      }
    }
    return true;
  }

  private void left(String what) {
    recorder.leftover(what);
    if (ending) {
      out.println("left behind: " + what);
      out.flush();
    }
  }

  /// Does not return while the process ends: a run that was broken off tells no verdict.
  @Override
  public void close() {
    if (ending) {
      rest();
    }
    clean();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException already) {
      rest();
    }
  }

  private static void rest() {
    var _ = new CompletableFuture<Void>().join();
  }
}
