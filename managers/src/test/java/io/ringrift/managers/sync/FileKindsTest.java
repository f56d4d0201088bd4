package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileKindsTest {
  @ParameterizedTest
  @CsvSource({
    "selfplay/hex8_2p/a.db, hex8_2p",
    "selfplay/HEX8_2P/a.db, hex8_2p",
    "selfplay/hexagonal_3p/a.db, hexagonal_3p",
    "selfplay/hex_4p/a.db, hexagonal_4p",
    "selfplay/hex11_2p/a.db, hex11_2p",
    "selfplay/hex5_2p/a.db, hex5_2p",
    "selfplay/sq8_2p/a.db, square8_2p",
    "selfplay/square19/3p/a.db, square19_3p",
    "selfplay/sq19_4p/a.jsonl, square19_4p",
    "games/hexgames/hex8_2p_job.db, hex8_2p",
    "selfplay/chess_2p/a.db, ''",
    "selfplay/hex8/a.db, ''",
    "selfplay/hex8_12p/a.db, ''",
  })
  void boardAndPlayersAreReadFromThePath(String path, String key) {
    assertThat(FileKinds.configKey(path)).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({
    "selfplay/x/y/a.db, selfplay",
    "selfplay/a.jsonl, selfplay",
    "models/a.pth, model",
    "models/deep/a.onnx, model",
    "training/a.npz, training",
    "training/hex5_2p/j_e0003.checkpoint, training",
    "models/a.checkpoint, ''",
    "games/a.db, games",
    "games/a.jsonl, ''",
    "selfplay/a.db.partial, ''",
    "other/a.db, ''",
    "a.db, ''",
  })
  void onlyTheFoldersAndEndingsOfDataCount(String path, String type) {
    assertThat(FileKinds.typeOf(path).orElse("")).isEqualTo(type);
  }
}
