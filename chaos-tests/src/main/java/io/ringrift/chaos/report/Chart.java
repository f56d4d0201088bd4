package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Finding;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The run as a picture: faults as bands, a lane a node with role and epoch, a lane a client with
/// its operations, violations as red lines. Inline SVG; its size is bounded by the width, not by
/// the history: of narrow things in one place only the first of each colour is drawn.
final class Chart {
  private static final int WIDTH = 1200;
  private static final int LEFT = 130;
  private static final int LANE = 26;
  private static final int CLIENT_LANE = 12;
  private static final int FAULT_LANE = 16;
  private static final int MOST_CLIENTS = 24;
  private static final int MOST_FAULT_LANES = 8;
  private static final int TICK = 2;

  /// What nobody did to a node.
  private static final Set<String> BAD = Set.of("EXITED", NodeEvent.OTHER_CONTENT);

  /// Of the name of a lane.
  private static final int MOST_LETTERS = 17;

  /// Least room of a word.
  private static final int WORD = 20;

  private final Judged judged;

  /// Where the picture begins: nobody looks at how nodes start.
  private final long begin;

  private final long length;
  private final StringBuilder svg = new StringBuilder();

  /// Lies behind everything else.
  private final StringBuilder grid = new StringBuilder();

  /// Places of narrow rectangles and of words that are taken.
  private final Set<String> taken = new HashSet<>();

  private int top = 24;

  private Chart(Judged judged) {
    this.judged = judged;
    var times = new ArrayList<Long>();
    judged.run().history().operations().forEach(o -> times.add(o.invokedNanos()));
    judged.run().faults().forEach(f -> times.add(f.fromNanos()));
    judged.run().samples().stream()
        .filter(RoleSample::leads)
        .forEach(sample -> times.add(sample.atNanos()));
    long end = judged.run().setting().length().toNanos();
    long last = times.stream().mapToLong(Long::longValue).max().orElse(0);
    this.length = Math.max(1, Math.max(end, last));
    this.begin =
        Math.clamp(times.stream().mapToLong(Long::longValue).min().orElse(0), 0, length - 1);
  }

  static String of(Judged judged) {
    var chart = new Chart(judged);
    chart.faults();
    judged.run().setting().nodes().forEach(chart::node);
    chart.clients();
    chart.violations();
    chart.axis();
    return "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"timeline\">%n%s%s</svg>%n"
        .formatted(WIDTH, chart.top + 8, WIDTH, chart.grid, chart.svg);
  }

  private double x(long nanos) {
    double part = (double) (Math.clamp(nanos, begin, length) - begin) / (length - begin);
    return LEFT + part * (WIDTH - LEFT - 10);
  }

  private void rect(long from, long to, int y, int height, String paint, String title) {
    double left = x(from);
    if (x(to) - left < TICK && !taken.add((int) left / TICK + " " + y + " " + paint)) {
      return;
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" %s><title>%s</title></rect>%n",
            left,
            y,
            Math.max(1.5, x(to) - left),
            height,
            paint,
            Escape.of(title)));
  }

  private void text(double x, int y, String style, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%d\" class=\"%s\">%s</text>%n",
            x,
            y,
            style,
            Escape.of(text)));
  }

  /// The name of a lane, cut where the lane begins.
  private void label(int y, String style, String name) {
    if (name.length() <= MOST_LETTERS) {
      text(4, y, style, name);
      return;
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"4\" y=\"%d\" class=\"%s\">%s<title>%s</title></text>%n",
            y,
            style,
            Escape.of(name.substring(0, MOST_LETTERS - 1) + "…"),
            Escape.of(name)));
  }

  private static String fill(String colour) {
    return "fill=\"var(--" + colour + ")\"";
  }

  private void faults() {
    var ends = new ArrayList<Long>();
    int lanes = judged.run().faults().isEmpty() ? 0 : 1;
    for (FaultBand fault : judged.run().faults()) {
      int lane = 0;
      while (lane < ends.size() && ends.get(lane) > fault.fromNanos()) {
        lane++;
      }
      lane = Math.min(lane, MOST_FAULT_LANES - 1);
      long until = fault.toNanos() + length / 12;
      if (lane == ends.size()) {
        ends.add(until);
      } else {
        ends.set(lane, until);
      }
      lanes = Math.max(lanes, lane + 1);
      fault(fault, top + lane * FAULT_LANE);
    }
    if (lanes > 0) {
      text(4, top + 12, "soft", "faults");
    }
    top += lanes * FAULT_LANE + 8;
  }

  private void fault(FaultBand fault, int y) {
    String title =
        "%s of %s, %s to %s. %s"
            .formatted(
                fault.name(),
                String.join(", ", fault.targets()),
                Html.seconds(fault.fromNanos()),
                Html.seconds(fault.toNanos()),
                fault.effect());
    rect(
        fault.fromNanos(),
        fault.toNanos(),
        y,
        FAULT_LANE - 3,
        fill("fault") + " fill-opacity=\".55\"",
        title);
    if (taken.add((int) x(fault.fromNanos()) / WORD + " word " + y)) {
      text(x(fault.fromNanos()) + 4, y + 11, "", fault.name());
    }
  }

  private void node(String node) {
    label(top + 17, "", node);
    RoleSample from = null;
    for (RoleSample sample : judged.run().samples()) {
      if (!sample.node().equals(node)) {
        continue;
      }
      if (from == null || sample.atNanos() < begin) {
        from = sample;
      } else if (!same(from, sample)) {
        role(from, sample.atNanos());
        from = sample;
      }
    }
    if (from != null) {
      role(from, length);
    }
    for (NodeEvent event : judged.run().events()) {
      boolean shown = event.node().equals(node) && !event.kind().equals(NodeEvent.ARRIVED);
      if (shown && event.atNanos() >= begin) {
        String title = event.kind() + " at " + Html.seconds(event.atNanos()) + " " + event.detail();
        String colour = BAD.contains(event.kind()) ? "bad" : "fg";
        rect(event.atNanos(), event.atNanos(), top - 3, LANE + 6, fill(colour), title);
      }
    }
    top += LANE + 6;
  }

  private static boolean same(RoleSample one, RoleSample other) {
    return one.role().equals(other.role())
        && one.epoch() == other.epoch()
        && one.leader().equals(other.leader());
  }

  private void role(RoleSample from, long until) {
    String title =
        "%s %s, epoch %d, leader %s, from %s to %s"
            .formatted(
                from.node(),
                from.role(),
                from.epoch(),
                from.leader().isEmpty() ? "none" : from.leader(),
                Html.seconds(from.atNanos()),
                Html.seconds(until));
    String colour =
        switch (from.role()) {
          case RoleSample.LEADER -> "leader";
          case RoleSample.DOWN -> "down";
          case "CANDIDATE" -> "candidate";
          case "OBSERVER" -> "observer";
          default -> "follower";
        };
    rect(from.atNanos(), until, top, LANE, fill(colour), title);
    if (from.answered() && x(until) - x(from.atNanos()) > 30) {
      text(x(from.atNanos()) + 4, top + 17, "on-" + colour, "e" + from.epoch());
    }
  }

  private void clients() {
    // The tenth client comes behind the ninth.
    var lanes =
        new TreeMap<String, Map<Integer, Operation>>(
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
    List<Operation> operations = judged.run().history().operations();
    long clients = operations.stream().map(Operation::client).distinct().count();
    for (Operation operation : operations) {
      String lane = clients > MOST_CLIENTS ? "all clients" : operation.client();
      lanes
          .computeIfAbsent(lane, _ -> new TreeMap<>())
          .merge((int) x(operation.invokedNanos()) / TICK, operation, Chart::worse);
    }
    Set<Integer> wrong = new HashSet<>();
    findings().forEach(f -> wrong.addAll(f.operations()));
    lanes.forEach(
        (lane, ticks) -> {
          label(top + 10, "soft", lane);
          ticks.forEach((column, worst) -> tick(column, worst));
          top += CLIENT_LANE + 2;
        });
    marks(operations, wrong, new ArrayList<>(lanes.keySet()));
  }

  private static Operation worse(Operation one, Operation other) {
    return one.outcome().compareTo(other.outcome()) >= 0 ? one : other;
  }

  private void tick(int column, Operation worst) {
    String colour =
        switch (worst.outcome()) {
          case OK -> "ok";
          case FAIL -> "fail";
          case UNKNOWN -> "unknown";
        };
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" %s><title>%s</title></rect>%n",
            column * TICK,
            top,
            TICK,
            CLIENT_LANE,
            fill(colour),
            Escape.of(worst.toString())));
  }

  /// Operations that findings name, as dots over their lanes.
  private void marks(List<Operation> operations, Set<Integer> wrong, List<String> lanes) {
    for (Operation operation : operations) {
      if (wrong.contains(operation.number())) {
        int lane = Math.max(0, lanes.indexOf(operation.client()));
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" %s><title>%s</title></circle>%n",
                x(operation.invokedNanos()),
                top - (lanes.size() - lane) * (CLIENT_LANE + 2) + CLIENT_LANE / 2,
                fill("bad"),
                Escape.of(operation.toString())));
      }
    }
  }

  private List<Finding> findings() {
    return judged.verdict().results().stream().flatMap(r -> r.findings().stream()).toList();
  }

  private void violations() {
    for (Finding finding : findings()) {
      if (finding.toNanos() > 0) {
        rect(finding.toNanos(), finding.toNanos(), 16, top - 16, fill("bad"), finding.text());
      }
    }
  }

  private void axis() {
    double step = 0.1;
    for (int i = 0; (length - begin) / 1e9 / step > 14; i++) {
      step *= i % 3 == 1 ? 2.5 : 2;
    }
    for (int i = (int) Math.ceil(begin / 1e9 / step); i * step <= length / 1e9; i++) {
      double at = x((long) (i * step * 1e9));
      grid.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"16\" y2=\"%d\" stroke=\"var(--line)\"/>%n",
              at,
              at,
              top));
      text(
          at + 2, 12, "soft", String.format(Locale.ROOT, step < 1 ? "%.1f s" : "%.0f s", i * step));
    }
  }
}
