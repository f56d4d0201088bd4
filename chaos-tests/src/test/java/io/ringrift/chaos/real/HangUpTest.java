package io.ringrift.chaos.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// SIGHUP at a real process.
@Timeout(180)
class HangUpTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private static void hangUp(Process node) throws IOException, InterruptedException {
    var sent = new ProcessBuilder("kill", "-HUP", Long.toString(node.pid())).start();
    assertThat(sent.waitFor()).isZero();
  }

  /// Under nohup every child ignores the signal, the node too, and nothing here could be shown.
  private static void requireHangUpHeard(Process node) throws IOException {
    String ignored =
        Files.readAllLines(Path.of("/proc/" + node.pid() + "/status")).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    long mask = Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16);
    assertThat(mask & 1).as("the tests were started with SIGHUP ignored; leave nohup out").isZero();
  }

  private static boolean settings(Http http, String setting) {
    return http.get("/v1/config").body().path("settings").toString().contains(setting);
  }

  private static String minGames(String value) {
    return "{\"name\":\"training.min_games\",\"value\":\"%s\"".formatted(value);
  }

  @Test
  void hangUpHasANodeReadItsFileAgainAndFaultsLeaveItAsItIs()
      throws IOException, InterruptedException {
    Path scratch = CLUSTER.scratch();
    Path file = Files.writeString(scratch.resolve("own.yaml"), "training: {min_games: 900}\n");
    Path log = scratch.resolve("log");
    int port = FreePorts.one();
    Process node =
        CLUSTER
            .local()
            .launch(
                List.of(
                    "--config", file.toString(),
                    "--cluster-id", "alone",
                    "--timing", "local",
                    "--port", Integer.toString(port),
                    "--state-dir", scratch.resolve("state").toString(),
                    "--data-root", scratch.resolve("data").toString()),
                log);
    try {
      var http = new Http(new Endpoint("127.0.0.1", port));
      RealCluster.soon().until(() -> http.get("/health/ready").status() == 200);
      requireHangUpHeard(node);
      assertThat(settings(http, minGames("900"))).isTrue();

      Files.writeString(file, "training: {min_games: 700}\n");
      hangUp(node);
      RealCluster.soon().until(() -> settings(http, minGames("700")));

      Files.writeString(file, "training: {min_games: 0, new_games: -1}\njobs: {max_jobs: 5}\n");
      hangUp(node);
      RealCluster.soon().until(() -> Files.readString(log).contains("training.new_games"));
      assertThat(Files.readString(log)).contains("stays", "training.min_games");
      assertThat(settings(http, minGames("700"))).isTrue();
      assertThat(settings(http, "{\"name\":\"jobs.max_jobs\",\"value\":\"5\"")).isFalse();
      assertThat(node.isAlive()).isTrue();

      node.destroy();
      assertThat(node.waitFor(60, TimeUnit.SECONDS)).as("TERM ends it as before").isTrue();
    } finally {
      node.destroyForcibly();
    }
  }
}
