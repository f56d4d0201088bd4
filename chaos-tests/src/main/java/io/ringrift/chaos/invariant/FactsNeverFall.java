package io.ringrift.chaos.invariant;

/// At one holder, the version of an owner's fact never falls within one life of the owner (SPEC
/// 4.2: only higher versions win).
final class FactsNeverFall implements SideInvariant {
  private final int[][] lives;
  private final long[][] counters;

  FactsNeverFall(int members) {
    lives = new int[members][members];
    counters = new long[members][members];
  }

  @Override
  public void booted(int node, int life) {
    lives[node] = new int[lives.length];
  }

  @Override
  public void held(int holder, int owner, int life, long counter, long content) {
    if (lives[holder][owner] == life && counter < counters[holder][owner]) {
      throw new InvariantBroken(
          this,
          "node %d held version %d of node %d and now holds %d"
              .formatted(holder + 1, counters[holder][owner], owner + 1, counter));
    }
    lives[holder][owner] = life;
    counters[holder][owner] = counter;
  }
}
