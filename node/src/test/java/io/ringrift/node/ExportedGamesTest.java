package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The built-in Hex from games to arrays, on a whole node.
@Timeout(180)
class ExportedGamesTest {
  private final Nodes nodes;

  ExportedGamesTest(@TempDir Path folder) {
    nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private String spawn(String spec) {
    var answer = nodes.call("n1", "POST", "/v1/jobs", "{\"spec\":{" + spec + "}}");
    String id = answer.path("job").path("job_id").asText();
    assertThat(id).as(answer.toString()).isNotEmpty();
    nodes.awaitComplete("n1", id);
    return id;
  }

  private boolean listed(String path) {
    for (JsonNode file : nodes.get("n1", "/v1/sync/files").path("files")) {
      if (file.path("entry").path("path").asText().equals(path)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void gamesThatWerePlayedAreExportedToAFileOfTheCluster() throws InterruptedException {
    nodes.start("n1").awaitReady();
    String hex5 = "\"board_type\":\"hex5\",\"num_players\":2,";
    var _ =
        spawn(
            hex5
                + "\"workload\":\"hex-selfplay\",\"num_games\":3,\"engine_mode\":\"heuristic\",\"seed\":\"1\"");
    String job = spawn(hex5 + "\"workload\":\"hex-export\"");
    await().atMost(Nodes.SOON).until(() -> listed("training/hex5_2p/" + job + "_1.npz"));
  }
}
