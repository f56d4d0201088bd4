package io.ringrift.chaos.evidence;

import io.ringrift.chaos.history.History;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Collects evidence while a run goes on. Each list is bounded; one that is full is told as cut and
/// in the notes. Safe for any thread.
public final class EvidenceRecorder {
  private final int capacity;
  private final List<FaultBand> faults = new ArrayList<>();
  private final List<RoleSample> samples = new ArrayList<>();
  private final List<ViewSample> views = new ArrayList<>();
  private final List<NodeEvent> events = new ArrayList<>();
  private final List<NodeFinal> finals = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<AuditRecord> audit = new ArrayList<>();
  private final Map<String, Source> sources = new HashMap<>();
  private final List<String> leftovers = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final Set<Part> cut = EnumSet.noneOf(Part.class);
  private String failure = "";

  /// @param capacity most entries of each list
  public EvidenceRecorder(int capacity) {
    this.capacity = capacity;
  }

  public synchronized void fault(FaultBand band) {
    add(faults, band, Part.FAULTS);
  }

  public synchronized void sample(RoleSample sample) {
    add(samples, sample, Part.SAMPLES);
  }

  public synchronized void view(ViewSample view) {
    add(views, view, Part.VIEWS);
  }

  public synchronized void event(NodeEvent event) {
    add(events, event, Part.EVENTS);
  }

  public synchronized void end(NodeFinal node) {
    add(finals, node, Part.FINALS);
  }

  public synchronized void effect(Effect effect) {
    add(effects, effect, Part.EFFECTS);
  }

  public synchronized void audit(AuditRecord entry) {
    add(audit, entry, Part.AUDIT);
  }

  public synchronized void source(String path, Source source) {
    if (sources.size() < capacity) {
      sources.put(path, source);
    } else {
      full(Part.SOURCES);
    }
  }

  public synchronized void leftover(String what) {
    add(leftovers, what, Part.LEFTOVERS);
  }

  public synchronized void note(String text) {
    if (notes.size() < capacity) {
      notes.add(text);
    }
  }

  /// The run could not be done. The first cause counts.
  public synchronized void failed(String cause) {
    if (failure.isEmpty()) {
      failure = cause;
    }
  }

  private <T> void add(List<T> list, T entry, Part part) {
    if (list.size() < capacity) {
      list.add(entry);
    } else {
      full(part);
    }
  }

  /// Entries of that list are missing already.
  public synchronized void cut(Part part) {
    full(part);
  }

  private void full(Part part) {
    cut.add(part);
    notes.add(
        "the list of " + part.words() + " was full at " + capacity + ": later ones are not in it");
  }

  /// Everything so far, in the order of time.
  public synchronized RunEvidence evidence(
      Setting setting, Expectations expectations, History history) {
    return new RunEvidence(
        setting,
        expectations,
        sorted(faults, Comparator.comparingLong(FaultBand::fromNanos)),
        sorted(samples, Comparator.comparingLong(RoleSample::atNanos)),
        sorted(views, Comparator.comparingLong(ViewSample::atNanos)),
        sorted(events, Comparator.comparingLong(NodeEvent::atNanos)),
        finals,
        sorted(effects, Comparator.comparingLong(Effect::atNanos)),
        sorted(audit, Comparator.comparingLong(AuditRecord::atNanos)),
        sources,
        leftovers,
        List.copyOf(notes),
        cut,
        failure,
        history.recorded());
  }

  private static <T> List<T> sorted(List<T> list, Comparator<T> order) {
    return list.stream().sorted(order).toList();
  }
}
