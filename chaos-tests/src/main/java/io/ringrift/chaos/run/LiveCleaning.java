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
/// breaks off, and when the process is told to end (SIGINT, SIGTERM). A fault in force is taken
/// back first, then the items of the run that have not ended are cancelled, for half a minute at
/// most; what could not be done is told. Opened and closed by the thread of the run.
final class LiveCleaning implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofSeconds(30);

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
    clients.close();
    try {
      strike.close();
    } catch (Refusal refusal) {
      left(refusal.text());
    }
    try {
      cancel();
    } catch (Refusal refusal) {
      left("work items whose payload begins with " + prefix + ": " + refusal.text());
    }
  }

  private void cancel() {
    Moment end = ticker.now().plus(LONGEST);
    var finals = new Finals(plan.byAddress(), prefix, _ -> Optional.empty(), plan.token());
    List<String> unended = finals.unended();
    try (var client = plan.client(PATIENCE)) {
      for (int i = 0; i < unended.size(); i++) {
        String id = unended.get(i);
        if (ticker.now().isAfter(end)) {
          left("%d work items, %s the first: no time was left".formatted(unended.size() - i, id));
          return;
        }
        var cancel =
            CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(prefix + "end-" + id);
        try {
          var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).cancelWork(cancel.build()));
        } catch (Refusal refusal) {
          left("work item " + id + ": " + refusal.text());
        }
      }
    }
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
