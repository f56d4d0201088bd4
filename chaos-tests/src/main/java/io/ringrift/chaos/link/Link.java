package io.ringrift.chaos.link;

/// One direction between two nodes.
public record Link(String from, String to) {
  public Link back() {
    return new Link(to, from);
  }

  @Override
  public String toString() {
    return from + "→" + to;
  }
}
