package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A training after a whole epoch: all that the next epoch depends on.
///
/// @param epochs epochs made so far
/// @param losses of the last of them
record Checkpoint(Network network, Adam adam, int epochs, Trainer.Losses losses) {
  private static final String MAGIC = "RRHEXCKP";
  private static final int VERSION = 2;

  private static final Trainer.Losses NONE = new Trainer.Losses(0, 0);

  /// The state before the first epoch.
  static Checkpoint start(Network parent) {
    return new Checkpoint(parent.copy(), Adam.fresh(parent.weights().length), 0, NONE);
  }

  /// What a checkpoint belongs to; another recipe, parent or games make another training.
  ///
  /// @param dataHash `Dataset.hash`
  /// @param parent SHA-256 of the model that it began with
  record Origin(Recipe recipe, String dataHash, String parent) {
    private byte[] bytes() {
      String text =
          "%d %d %s %s %s %s"
              .formatted(
                  recipe.seed(), recipe.batch(), recipe.rate(), recipe.decay(), dataHash, parent);
      return Digests.sha256().digest(text.getBytes(US_ASCII));
    }
  }

  byte[] bytes(Origin origin) {
    int weights = network.weights().length;
    var content =
        ByteBuffer.allocate(
            Digests.LENGTH + 5 * Integer.BYTES + 2 * Double.BYTES + 3 * weights * Float.BYTES);
    content.put(origin.bytes()).putInt(epochs).putInt(adam.steps());
    content.putDouble(losses.policyLoss()).putDouble(losses.valueLoss());
    ModelFile.put(content, network);
    ModelFile.putAll(content, adam.means());
    ModelFile.putAll(content, adam.squares());
    return Sealed.seal(MAGIC, VERSION, content.flip());
  }

  /// Reads the checkpoint of a training.
  ///
  /// @throws BadFileException when it is missing, damaged or of another training
  static Checkpoint read(Path file, Origin origin, Shape shape) throws BadFileException {
    ByteBuffer content = Sealed.open(file, Sealed.bytes(file), "checkpoint", MAGIC, VERSION);
    if (content.remaining() < Digests.LENGTH + 2 * Integer.BYTES + 2 * Double.BYTES) {
      throw new BadFileException(file + " is damaged: it is too short");
    }
    var found = new byte[Digests.LENGTH];
    content.get(found);
    if (!java.util.Arrays.equals(found, origin.bytes())) {
      throw new BadFileException(
          file + " is of another training: games, parent, seed, batch or rates differ");
    }
    int epochs = content.getInt();
    int steps = content.getInt();
    var losses = new Trainer.Losses(content.getDouble(), content.getDouble());
    var network = ModelFile.take(file, content);
    if (!network.shape().equals(shape) || epochs < 1 || steps < epochs) {
      throw new BadFileException(file + " is of another program: its layers or counts differ");
    }
    float[] means = ModelFile.takeAll(file, content, shape.weights());
    float[] squares = ModelFile.takeAll(file, content, shape.weights());
    return new Checkpoint(network, new Adam(means, squares, steps), epochs, losses);
  }
}
