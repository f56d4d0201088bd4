package io.ringrift.chaos.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.ground.FakeClock;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Clocks of nodes that jump or go at another rate, and what these nodes tell of it. One thread.
final class ClockFaults {
  private static final Duration ANSWER = Duration.ofSeconds(2);

  /// In which a node reads its clock's file again, or answers after a start.
  private static final Duration SEEN = Duration.ofSeconds(30);

  /// Of so many answers the quickest tells a time best.
  private static final int ANSWERS = 5;

  private static final Duration AGAIN = Duration.ofMillis(100);
  private static final ObjectMapper JSON = new ObjectMapper();

  /// What a node says of its clocks.
  ///
  /// @param upSeconds since its start, by its own clock
  /// @param wall to the second
  /// @param at the middle of the question, by the runner's clocks
  /// @param took how long the question took
  /// @param trueWall the runner's at that time
  private record Told(double upSeconds, Instant wall, Moment at, Duration took, Instant trueWall) {
    Duration ahead() {
      return Duration.between(trueWall, wall);
    }
  }

  private final Ground ground;
  private final Ticker ticker = Ticker.system();
  private final Map<String, Told> began = new HashMap<>();

  ClockFaults(Ground ground) {
    this.ground = ground;
  }

  /// Where clocks jump, every node starts with one that can.
  static void prepare(Ground ground, Scenario scenario) throws IOException {
    if (scenario.faults().stream().anyMatch(fault -> fault.kind() == FaultKind.CLOCK_JUMP)) {
      for (String node : ground.voters()) {
        FakeClock.ahead(folder(ground, node), Duration.ZERO);
      }
    }
  }

  private static Path folder(Ground ground, String node) {
    return ground.log(node).resolveSibling(".");
  }

  /// @return what shows that they jumped; empty when one did not
  String jump(List<String> nodes, FaultSpec fault) throws IOException, InterruptedException {
    Duration by = fault.duration("by").multipliedBy(fault.flag("behind") ? -1 : 1);
    for (String node : nodes) {
      FakeClock.ahead(folder(ground, node), by);
      if (!seen(node, by, by.abs())) {
        return "";
      }
    }
    return "%s told a wall clock %d s %s"
        .formatted(
            String.join(", ", nodes), by.abs().toSeconds(), by.isNegative() ? "behind" : "ahead");
  }

  /// @return whether those that run told a true wall clock then
  boolean back(List<String> nodes, FaultSpec fault) throws IOException, InterruptedException {
    boolean back = true;
    for (String node : nodes) {
      FakeClock.ahead(folder(ground, node), Duration.ZERO);
      back &= !ground.running(node) || seen(node, Duration.ZERO, fault.duration("by"));
    }
    return back;
  }

  /// @param by how far it jumped; half of that is near enough
  private boolean seen(String node, Duration ahead, Duration by) throws InterruptedException {
    Moment end = ticker.now().plus(SEEN);
    while (ticker.now().isBefore(end)) {
      Optional<Duration> off = told(node).map(told -> told.ahead().minus(ahead).abs());
      if (off.isPresent() && off.get().compareTo(by.dividedBy(2)) < 0) {
        return true;
      }
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return false;
  }

  /// For nodes that do not run.
  void fast(List<String> nodes, int perMille) throws IOException {
    for (String node : nodes) {
      FakeClock.fast(folder(ground, node), perMille);
    }
  }

  /// They run now.
  void begin(List<String> nodes) throws InterruptedException {
    for (String node : nodes) {
      best(node).ifPresent(told -> began.put(node, told));
    }
  }

  private Optional<Told> best(String node) throws InterruptedException {
    var answers = new ArrayList<Told>();
    Moment end = ticker.now().plus(SEEN);
    while (answers.size() < ANSWERS && ticker.now().isBefore(end)) {
      told(node).ifPresent(answers::add);
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return answers.stream().min(Comparator.comparing(Told::took));
  }

  /// They still run; what they tell of it keeps none from true clocks at its next start.
  ///
  /// @return how fast they went; empty when that is not at least half of what was meant
  String end(List<String> nodes, int perMille) throws IOException, InterruptedException {
    for (String node : nodes) {
      FakeClock.right(folder(ground, node));
    }
    var effect = new StringBuilder();
    for (String node : nodes) {
      Told first = began.remove(node);
      Optional<Told> last = first == null ? Optional.empty() : best(node);
      if (first == null || last.isEmpty()) {
        return "";
      }
      double passed = last.get().at().since(first.at()).toNanos() / 1e9;
      double own = last.get().upSeconds() - first.upSeconds();
      double fast = (own / passed - 1) * 1000;
      if (fast < perMille / 2.0) {
        return "";
      }
      effect.append(
          String.format(Locale.ROOT, "the clock of %s went %.1f thousandths fast; ", node, fast));
    }
    return effect.toString();
  }

  private Optional<Told> told(String node) throws InterruptedException {
    Moment asked = ticker.now();
    Endpoint at = ground.address(node);
    var request =
        HttpRequest.newBuilder(URI.create("http://%s:%d/status".formatted(at.host(), at.port())))
            .timeout(ANSWER)
            .build();
    try (var client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode up = JSON.readTree(answer.body()).path("uptime_seconds");
      return answer
          .headers()
          .firstValue("date")
          .filter(_ -> up.isNumber())
          .map(date -> ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
          .map(wall -> answer(up.asDouble(), wall, asked));
    } catch (IOException down) {
      return Optional.empty();
    }
  }

  private Told answer(double up, Instant wall, Moment asked) {
    Duration took = ticker.now().since(asked);
    return new Told(up, wall, asked.plus(took.dividedBy(2)), took, Instant.now());
  }
}
