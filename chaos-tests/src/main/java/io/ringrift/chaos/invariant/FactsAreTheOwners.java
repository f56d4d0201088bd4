package io.ringrift.chaos.invariant;

import java.util.ArrayList;
import java.util.List;

/// What anybody holds of an owner is what that owner published under this version (SPEC 4.2: a
/// version is made by its owner alone).
final class FactsAreTheOwners implements SideInvariant {
  private final List<List<List<Long>>> published = new ArrayList<>();

  FactsAreTheOwners(int members) {
    for (int i = 0; i < members; i++) {
      published.add(new ArrayList<>());
    }
  }

  @Override
  public void booted(int node, int life) {
    published.get(node).add(new ArrayList<>());
  }

  @Override
  public void published(int owner, int life, long counter, long content) {
    var versions = published.get(owner).get(life - 1);
    if (counter != versions.size() + 1) {
      throw new InvariantBroken(
          this, "node %d made version %d behind %d".formatted(owner + 1, counter, versions.size()));
    }
    versions.add(content);
  }

  @Override
  public void held(int holder, int owner, int life, long counter, long content) {
    var lives = published.get(owner);
    if (life > lives.size()
        || counter > lives.get(life - 1).size()
        || lives.get(life - 1).get((int) counter - 1) != content) {
      throw new InvariantBroken(
          this,
          "node %d holds version %d of node %d, which that never made so"
              .formatted(holder + 1, counter, owner + 1));
    }
  }
}
