package io.ringrift.chaos.report;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Who believed what and when, and how disagreements ended: the samples of all nodes as steps.
final class Beliefs {
  /// Most steps told.
  static final int MOST = 400;

  /// @param kind `split` when answers begin to differ, `whole` when all agree again and no fault
  ///   goes on, empty else
  record Step(long atNanos, String kind, String text) {}

  private final List<Step> steps = new ArrayList<>();
  private final Map<String, RoleSample> newest = new TreeMap<>();
  private final RunEvidence run;
  private final OfferedAgain again;

  /// When a node answered for the last time.
  private final Map<String, Long> lastAnswer = new HashMap<>();

  /// What was told last while all that answer gave one answer and the split was not over.
  private String left = "";

  private boolean split;
  private long splitSince;

  private Beliefs(RunEvidence run) {
    this.run = run;
    this.again = new OfferedAgain(run);
    run.samples().stream()
        .filter(RoleSample::answered)
        .forEach(s -> lastAnswer.merge(s.node(), s.atNanos(), Math::max));
  }

  /// @param split whether answers differed at any time, told or left out
  record Told(List<Step> steps, boolean split) {}

  /// In the order of time; of more than `MOST` the middle is left out and counted there: how it
  /// began and how it ended are told.
  static Told of(RunEvidence run) {
    var beliefs = new Beliefs(run);
    run.samples().forEach(beliefs::sample);
    run.faults().forEach(beliefs::fault);
    run.events().forEach(beliefs::event);
    beliefs.steps.sort(Comparator.comparingLong(Step::atNanos));
    boolean split = beliefs.steps.stream().anyMatch(step -> step.kind().equals("split"));
    int more = beliefs.steps.size() - MOST;
    if (more <= 0) {
      return new Told(beliefs.steps, split);
    }
    var cut = new ArrayList<>(beliefs.steps.subList(0, MOST / 2));
    cut.add(new Step(cut.getLast().atNanos(), "", more + " steps more, which are left out here"));
    cut.addAll(beliefs.steps.subList(MOST / 2 + more, beliefs.steps.size()));
    return new Told(cut, split);
  }

  private void fault(FaultBand fault) {
    String what = fault.name() + " of " + String.join(", ", fault.targets());
    add(fault.fromNanos(), "", what + " begins");
    if (fault.toNanos() > fault.fromNanos()) {
      add(
          fault.toNanos(),
          "",
          what + " ends" + (fault.effect().isEmpty() ? "" : " (" + fault.effect() + ")"));
    }
  }

  private void event(NodeEvent event) {
    add(
        event.atNanos(),
        "",
        event.node()
            + ": "
            + event.kind()
            + (event.epoch() == 0 ? "" : " in epoch " + event.epoch())
            + (event.detail().isEmpty() ? "" : ", " + event.detail()));
  }

  private void add(long at, String kind, String text) {
    steps.add(new Step(at, kind, text));
  }

  private void sample(RoleSample sample) {
    RoleSample before = newest.put(sample.node(), sample);
    if (before == null || !said(before).equals(said(sample))) {
      String was = before == null ? "" : " (before: " + said(before) + ")";
      add(sample.atNanos(), "", sample.node() + " " + said(sample) + was);
    }
    judge(sample.atNanos());
  }

  private void judge(long at) {
    Map<String, List<String>> answers = answers();
    if (answers.size() > 1) {
      left = "";
      if (!split) {
        split = true;
        splitSince = at;
        add(at, "split", answers.size() + " answers to who leads: " + told(answers));
      }
    } else if (answers.size() == 1 && split) {
      Optional<String> missing = missing(at);
      if (missing.isPresent()) {
        alone(at, told(answers), missing.get());
      } else {
        split = false;
        left = "";
        add(
            at,
            "whole",
            "one answer again after "
                + Html.seconds(at - splitSince)
                + ": "
                + told(answers)
                + outcomes(splitSince, at));
        again.between(splitSince, at).forEach(line -> add(at, "", line));
      }
    }
  }

  /// Told once for each answer that is the only one left.
  private void alone(long at, String answer, String missing) {
    String only = "the only answer left: " + answer;
    if (!only.equals(left)) {
      left = only;
      add(at, "", only + "; " + missing);
    }
  }

  /// What keeps one answer from being that of all: a fault in force, or a node that does not name a
  /// leader or will answer later. Empty when nothing does.
  private Optional<String> missing(long at) {
    return run.faults().stream()
        .filter(fault -> fault.fromNanos() <= at && at < fault.toNanos())
        .map(fault -> "the fault " + fault.name() + " goes on")
        .findFirst()
        .or(
            () ->
                newest.values().stream()
                    .filter(s -> s.answered() ? s.leader().isEmpty() : comesBack(s.node(), at))
                    .map(s -> s.node() + " names nobody yet")
                    .findFirst());
  }

  private boolean comesBack(String node, long at) {
    return lastAnswer.getOrDefault(node, 0L) > at;
  }

  private static String said(RoleSample sample) {
    return switch (sample.role()) {
      case RoleSample.DOWN -> "does not answer";
      case RoleSample.LEADER -> "leads epoch " + sample.epoch();
      default ->
          sample.leader().isEmpty()
              ? "knows no leader, epoch " + sample.epoch()
              : "follows " + sample.leader() + " in epoch " + sample.epoch();
    };
  }

  /// Leaders that are named now, and by whom.
  private Map<String, List<String>> answers() {
    var answers = new LinkedHashMap<String, List<String>>();
    newest.values().stream()
        .filter(s -> s.answered() && !s.leader().isEmpty())
        .sorted(Comparator.comparingLong(RoleSample::epoch))
        .forEach(
            s ->
                answers
                    .computeIfAbsent(s.leader() + " in epoch " + s.epoch(), _ -> new ArrayList<>())
                    .add(s.node()));
    return answers;
  }

  private static String told(Map<String, List<String>> answers) {
    return answers.entrySet().stream()
        .map(a -> a.getKey() + " by " + String.join(", ", a.getValue()))
        .collect(Collectors.joining("; "));
  }

  /// What clients were told meanwhile, as numbers.
  private String outcomes(long from, long to) {
    List<Operation> during =
        run.history().operations().stream()
            .filter(o -> o.invokedNanos() >= from && o.invokedNanos() <= to)
            .toList();
    long acknowledged = during.stream().filter(Operation::ok).count();
    long unknown = during.stream().filter(o -> o.outcome() == Outcome.UNKNOWN).count();
    return during.isEmpty()
        ? ""
        : ". Meanwhile "
            + acknowledged
            + " operations were acknowledged, "
            + unknown
            + " have no known outcome";
  }
}
