package io.ringrift.workloads.hex;

/// The two players. FIRST connects the top row with the bottom row, SECOND the left column with the
/// right one.
enum Side {
  FIRST(1),
  SECOND(2);

  private final int number;

  Side(int number) {
    this.number = number;
  }

  Side other() {
    return this == FIRST ? SECOND : FIRST;
  }

  /// 1 or 2, as files and people count players.
  int number() {
    return number;
  }
}
