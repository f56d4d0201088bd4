package io.ringrift.chaos.evidence;

import io.ringrift.chaos.history.History;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Everything that a verdict is made of.
///
/// @param audit what the nodes wrote into their own audit streams; empty on grounds without any
/// @param sources files that were offered, by path
/// @param leftovers what is still there after the clean-up, or did not end in order; sentences
/// @param notes what a reader has to know: what the ground could not do, lists that were full
/// @param cut lists that were full, so that later entries are not in them; of operations the
///   history tells it
/// @param failure why the run could not be done; empty when it could
public record RunEvidence(
    Setting setting,
    Expectations expectations,
    List<FaultBand> faults,
    List<RoleSample> samples,
    List<ViewSample> views,
    List<NodeEvent> events,
    List<NodeFinal> finals,
    List<Effect> effects,
    List<AuditRecord> audit,
    Map<String, Source> sources,
    List<String> leftovers,
    List<String> notes,
    Set<Part> cut,
    String failure,
    History.Recorded history) {
  public RunEvidence {
    faults = List.copyOf(faults);
    samples = List.copyOf(samples);
    views = List.copyOf(views);
    events = List.copyOf(events);
    finals = List.copyOf(finals);
    effects = List.copyOf(effects);
    audit = List.copyOf(audit);
    sources = Map.copyOf(sources);
    leftovers = List.copyOf(leftovers);
    notes = List.copyOf(notes);
    cut = Set.copyOf(cut);
  }

  /// What was run and whether it could be, without what was seen.
  public RunEvidence bare() {
    return new RunEvidence(
        setting,
        expectations,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        List.of(),
        List.of(),
        Set.of(),
        failure,
        new History.Recorded(List.of(), 0));
  }

  /// Whether entries of that list are missing.
  public boolean lacks(Part part) {
    return cut.contains(part) || (part == Part.OPERATIONS && history.dropped() > 0);
  }
}
