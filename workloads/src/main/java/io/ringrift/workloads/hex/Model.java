package io.ringrift.workloads.hex;

/// A network and the SHA-256 of its file, in hexadecimal.
record Model(Network network, String sha256) {
  /// The untrained network of a seed, with the digest that its file would have.
  static Model untrained(Grid grid, long seed) {
    var network = Network.untrained(Shape.of(grid), seed);
    return new Model(network, Digests.hex(ModelFile.bytes(network)));
  }
}
