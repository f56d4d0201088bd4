package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelFileTest {
  private static final Grid GRID = new Grid(5);
  private static final Network NETWORK = Network.untrained(Shape.of(GRID), 3);

  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile(@TempDir Path folder) {
    file = folder.resolve("model.bin");
  }

  @Test
  void modelIsReadAsItWasWritten() throws Exception {
    WholeFile.publish(file, ModelFile.bytes(NETWORK));

    var model = ModelFile.read(file, GRID);

    assertThat(model.network().shape()).isEqualTo(NETWORK.shape());
    assertThat(model.network().weights()).isEqualTo(NETWORK.weights());
    assertThat(model.sha256()).isEqualTo(Model.untrained(GRID, 3).sha256()).hasSize(64);
  }

  @Test
  void untrainedNetworksOfTwoSeedsDiffer() {
    assertThat(Model.untrained(GRID, 3)).isNotEqualTo(Model.untrained(GRID, 4));
  }

  @Test
  void anyChangedByteIsFound() throws Exception {
    byte[] whole = ModelFile.bytes(NETWORK);
    for (int place = 0; place < whole.length; place += place < 64 ? 1 : 997) {
      byte[] changed = whole.clone();
      changed[place] ^= 0x10;
      Files.write(file, changed);
      assertThatThrownBy(() -> ModelFile.read(file, GRID))
          .as("byte " + place)
          .isInstanceOf(BadFileException.class)
          .hasMessageContaining("model.bin");
    }
  }

  @Test
  void modelThatEndsEarlyIsDamaged() throws Exception {
    byte[] whole = ModelFile.bytes(NETWORK);
    for (int length : new int[] {8, 12, 43, 44, 60, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      refused("damaged");
    }
  }

  @Test
  void foreignFileIsNamedAsSuch() throws Exception {
    Files.writeString(file, "SQLite format 3 and so on, a file of somebody else");
    refused("is no model of Hex");
    Files.write(file, new byte[0]);
    refused("is no model of Hex");
  }

  @Test
  void laterVersionIsNamed() throws Exception {
    var content = ByteBuffer.wrap(new byte[8]);
    Files.write(file, Sealed.seal("RRHEXNET", 2, content));
    refused("has version 2 but this program reads version 1");
  }

  @Test
  void modelOfAnotherBoardIsRefused() throws Exception {
    Files.write(file, ModelFile.bytes(Network.untrained(Shape.of(new Grid(6)), 1)));
    refused("is a model of hex6, not of hex5");
  }

  @Test
  void weightThatIsNoNumberIsRefused() throws Exception {
    var network = NETWORK.copy();
    network.weights()[7] = Float.NaN;
    Files.write(file, ModelFile.bytes(network));
    refused("not finite");
  }

  @Test
  void layersWithoutTheirWeightsAreRefused() throws Exception {
    var content = ByteBuffer.allocate(16).putInt(5).putInt(128).putInt(64).putInt(0).flip();
    Files.write(file, Sealed.seal("RRHEXNET", 1, content));
    refused("fewer numbers");
    content = ByteBuffer.allocate(12).putInt(5).putInt(1 << 30).putInt(64).flip();
    Files.write(file, Sealed.seal("RRHEXNET", 1, content));
    refused("damaged");
  }

  @Test
  void missingFileIsTold() {
    refused("is not there");
  }

  @Test
  void publishedModelNeverChanges() throws Exception {
    WholeFile.publish(file, new byte[] {1, 2});
    WholeFile.publish(file, new byte[] {1, 2});

    assertThatThrownBy(() -> WholeFile.publish(file, new byte[] {1, 3}))
        .hasMessageContaining("other content");
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.partial");
  }

  private void refused(String rule) {
    assertThatThrownBy(() -> ModelFile.read(file, GRID))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining(rule);
  }
}
