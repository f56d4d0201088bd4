package io.ringrift.managers.watch;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records figures of the cluster and tells where they lead to.
final class PredictiveMonitoring {
  private static final Logger LOG = LoggerFactory.getLogger(PredictiveMonitoring.class);

  private final Office office;
  private final LearningProgress progress;
  private final ForecastConfig config;
  private final Ticker ticker;
  private final Forecast forecast;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong checks = new AtomicLong();
  private final AtomicLong series = new AtomicLong();

  // Used by the loop's thread only.
  private AlertThrottle throttle;
  private Optional<Epoch> term = Optional.empty();

  PredictiveMonitoring(Office office, ForecastConfig config, Ticker ticker) {
    this.office = office;
    this.progress = new LearningProgress(office);
    this.config = config;
    this.ticker = ticker;
    this.forecast = new Forecast(config);
    this.throttle = new AlertThrottle(config.rest(), config.mostPerHour());
  }

  LoopSpec loop() {
    return new LoopSpec(
        "predictive_monitoring",
        config.interval(),
        config.delay(),
        true,
        List.of("self_healing"),
        this::round,
        this::counters);
  }

  Map<String, Long> counters() {
    return Map.of(
        "alerts_sent", sent.get(),
        "alerts_throttled", held.get(),
        "checks_performed", checks.get(),
        "series", series.get());
  }

  private void round(Optional<Epoch> epoch) {
    if (!term.equals(epoch)) {
      term = epoch;
      forecast.reset();
      throttle = new AlertThrottle(config.rest(), config.mostPerHour());
    }
    var counts = office.counts();
    var readings =
        new Forecast.Readings(
            office.nodes(),
            counts.getWorkOrDefault("PENDING", 0),
            progress.elo(),
            progress.sinceTraining(counts.getLedgerMillis()));
    Moment now = ticker.now();
    List<Forecast.Alert> alerts = forecast.step(now, readings);
    checks.incrementAndGet();
    series.set(forecast.size());
    for (Forecast.Alert alert : alerts) {
      office.guard(epoch.orElseThrow());
      if (throttle.admits(now, alert.key())) {
        send(epoch.orElseThrow(), alert);
      } else {
        held.incrementAndGet();
      }
    }
  }

  private void send(Epoch epoch, Forecast.Alert alert) {
    LOG.warn("{}: {}", alert.severity(), alert.message());
    office.event(
        epoch,
        "CLUSTER_ALERT",
        alert.subject(),
        Map.of(
            "alert", alert.kind(),
            "severity", alert.severity(),
            "message", alert.message()));
    sent.incrementAndGet();
  }
}
