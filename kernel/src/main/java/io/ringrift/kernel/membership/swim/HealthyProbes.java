package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.time.Ticker;
import io.scalecube.cluster.fdetector.FailureDetector;
import io.scalecube.cluster.fdetector.FailureDetectorEvent;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;

/// ScaleCube's probes, heard through the judge. Owner thread.
final class HealthyProbes implements FailureDetector {
  private final FailureDetector probes;
  private final ProbeJudge judge;
  private final Ticker ticker;
  private final SwimMetrics metrics;
  private final Consumer<String> unanswered;
  private final Refusals refusals;

  /// @param unanswered told of the address of each member that did not answer
  /// @param refusals tells of the dead besides the probes
  HealthyProbes(
      FailureDetector probes,
      ProbeJudge judge,
      Ticker ticker,
      SwimMetrics metrics,
      Consumer<String> unanswered,
      Refusals refusals) {
    this.probes = probes;
    this.judge = judge;
    this.ticker = ticker;
    this.metrics = metrics;
    this.unanswered = unanswered;
    this.refusals = refusals;
  }

  @Override
  public void start() {
    probes.start();
  }

  @Override
  public void stop() {
    probes.stop();
  }

  @Override
  public Flux<FailureDetectorEvent> listen() {
    return probes.listen().filter(this::counts).mergeWith(refusals.listen());
  }

  private boolean counts(FailureDetectorEvent event) {
    String id = event.member().id();
    return switch (event.status()) {
      // another process answered at that address: the life that was asked for is gone
      case DEAD -> true;
      case ALIVE, LEAVING -> {
        metrics.probed(true);
        judge.answered(id);
        yield true;
      }
      case SUSPECT -> {
        metrics.probed(false);
        unanswered.accept(event.member().address());
        yield judge.missed(ticker.now(), id);
      }
    };
  }
}
