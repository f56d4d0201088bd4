package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Nodes that run with other settings than the rest, and what shows that the rest refuses them:
/// their own log says by whom and why. One thread.
final class OddOnes {
  private static final List<String> REFUSED = List.of("SETTINGS_MISMATCH", "WRONG_CLUSTER");
  private static final int MOST_BYTES = 4 << 20;
  private static final int SHOWN = 300;

  private final Ground ground;

  /// Length of the log when the node became odd.
  private final Map<String, Long> since = new HashMap<>();

  OddOnes(Ground ground) {
    this.ground = ground;
  }

  /// Before their start.
  void begin(List<String> nodes) throws IOException {
    for (String node : nodes) {
      Path log = ground.log(node);
      since.put(node, Files.exists(log) ? Files.size(log) : 0);
    }
  }

  /// @return the words of the refusal of each; empty when one of them was refused by nobody
  String end(List<String> nodes) throws IOException {
    var told = new ArrayList<String>();
    for (String node : nodes) {
      Optional<String> refused = refused(node);
      if (refused.isEmpty()) {
        return "";
      }
      told.add(node + ": " + refused.get());
    }
    return String.join("; ", told);
  }

  private Optional<String> refused(String node) throws IOException {
    Path log = ground.log(node);
    if (!Files.exists(log)) {
      return Optional.empty();
    }
    try (var channel = Files.newByteChannel(log)) {
      channel.position(since.getOrDefault(node, 0L));
      byte[] read = Channels.newInputStream(channel).readNBytes(MOST_BYTES);
      return new String(read, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> REFUSED.stream().anyMatch(line::contains))
          .map(line -> line.substring(0, Math.min(SHOWN, line.length())))
          .findFirst();
    }
  }
}
