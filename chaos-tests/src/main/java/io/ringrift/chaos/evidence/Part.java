package io.ringrift.chaos.evidence;

/// A list of the evidence of a run. Each is bounded.
public enum Part {
  FAULTS("faults"),
  SAMPLES("role samples"),
  VIEWS("views of members"),
  EVENTS("node events"),
  FINALS("final states"),
  EFFECTS("effects"),
  SOURCES("sources"),
  AUDIT("audit records"),
  LEFTOVERS("leftovers"),
  OPERATIONS("operations");

  private final String words;

  Part(String words) {
    this.words = words;
  }

  /// For people.
  public String words() {
    return words;
  }
}
