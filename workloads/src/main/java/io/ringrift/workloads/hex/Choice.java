package io.ringrift.workloads.hex;

/// A move and what the search thought of the others.
///
/// @param visits simulations that went through each cell; empty when the engine counts none
record Choice(int cell, int[] visits) {
  private static final int[] NONE = {};

  static Choice of(int cell) {
    return new Choice(cell, NONE);
  }

  /// The counts as game files hold them: `c3:12 b2:4`, cells without visits left out.
  String visitsText(Grid grid) {
    var text = new StringBuilder();
    for (int i = 0; i < visits.length; i++) {
      if (visits[i] > 0) {
        text.append(text.isEmpty() ? "" : " ").append(grid.text(i)).append(':').append(visits[i]);
      }
    }
    return text.toString();
  }
}
