package io.ringrift.workloads.hex;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A network as a file: sealed, with board, layers and weights. Nothing else, so that equal
/// networks are equal files.
final class ModelFile {
  private static final String MAGIC = "RRHEXNET";
  private static final int VERSION = 1;

  private ModelFile() {}

  static byte[] bytes(Network network) {
    var content = ByteBuffer.allocate(3 * Integer.BYTES + network.weights().length * Float.BYTES);
    put(content, network);
    return Sealed.seal(MAGIC, VERSION, content.flip());
  }

  /// Reads a model for a board.
  static Model read(Path file, Grid grid) throws BadFileException {
    byte[] bytes = Sealed.bytes(file);
    ByteBuffer content = Sealed.open(file, bytes, "model", MAGIC, VERSION);
    var network = take(file, content);
    if (content.hasRemaining()) {
      throw new BadFileException(file + " is damaged: there are more weights than its layers have");
    }
    if (network.shape().size() != grid.size()) {
      throw new BadFileException(
          file + " is a model of hex" + network.shape().size() + ", not of " + grid.name());
    }
    return new Model(network, Digests.hex(bytes));
  }

  static void put(ByteBuffer content, Network network) {
    var shape = network.shape();
    content.putInt(shape.size()).putInt(shape.first()).putInt(shape.second());
    putAll(content, network.weights());
  }

  static void putAll(ByteBuffer content, float[] numbers) {
    content.asFloatBuffer().put(numbers);
    content.position(content.position() + numbers.length * Float.BYTES);
  }

  /// Takes a network out of a content that may go on after it.
  static Network take(Path file, ByteBuffer content) throws BadFileException {
    if (content.remaining() < 3 * Integer.BYTES) {
      throw new BadFileException(file + " is damaged: it names no layers");
    }
    Shape shape;
    try {
      shape = new Shape(content.getInt(), content.getInt(), content.getInt());
    } catch (IllegalArgumentException e) {
      throw new BadFileException(file + " is damaged: " + e.getMessage(), e);
    }
    var network = new Network(shape, takeAll(file, content, shape.weights()));
    if (!network.finite()) {
      throw new BadFileException(file + " has a weight that is not finite");
    }
    return network;
  }

  static float[] takeAll(Path file, ByteBuffer content, int count) throws BadFileException {
    if (content.remaining() < count * Float.BYTES) {
      throw new BadFileException(
          file + " is damaged: there are fewer numbers than its layers have");
    }
    var numbers = new float[count];
    content.asFloatBuffer().get(numbers);
    content.position(content.position() + count * Float.BYTES);
    return numbers;
  }
}
