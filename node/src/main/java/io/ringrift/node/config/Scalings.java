package io.ringrift.node.config;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.Glob;
import io.ringrift.node.config.NodeConfig.ScaleWhen;
import io.ringrift.node.config.NodeConfig.Scaling;
import io.ringrift.node.config.NodeConfig.ScalingMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads who adds and removes nodes. Off unless somebody says otherwise.
record Scalings(Settings settings, Faults faults, Optional<Path> file) {
  private static final int MOST_NODES = 1000;
  private static final int MOST_ITEMS = 1_000_000;

  /// @param voters whether the configuration names any: a node without is a cluster of its own
  Scaling read(boolean voters) {
    ScalingMode mode = settings.read(Key.SCALING_MODE, ScalingMode.OFF, Scalings::mode);
    String webhook = settings.text(Key.SCALING_WEBHOOK);
    Optional<URI> uri =
        webhook.isEmpty()
            ? Optional.empty()
            : faults.guard(
                Optional.empty(),
                () -> Optional.of(uri(settings.label(Key.SCALING_WEBHOOK), webhook)));
    if (mode == ScalingMode.WEBHOOK && webhook.isEmpty()) {
      faults.fault(
          "scaling.mode is webhook but scaling.webhook is not set; set it to an http address");
    }
    if (mode == ScalingMode.LOCAL && !voters) {
      faults.fault(
          "scaling.mode is local but there are no voters; a node that is started without knowing"
              + " voters would be a cluster of its own");
    }
    int least = settings.read(Key.SCALING_MIN, 0, Scalings::nodes);
    int most = settings.read(Key.SCALING_MAX, MOST_NODES, Scalings::nodes);
    if (most < 1 || least > most) {
      faults.fault(
          "scaling.max_nodes ("
              + most
              + ") must be at least 1 and at least scaling.min_nodes ("
              + least
              + ")");
    }
    return new Scaling(mode, uri, least, most, removable(), when(), file);
  }

  private List<String> removable() {
    String label = settings.label(Key.SCALING_REMOVABLE);
    return Topology.split(settings.text(Key.SCALING_REMOVABLE)).stream()
        .map(glob -> faults.guard("", () -> Glob.checked(label, glob)))
        .toList();
  }

  private ScaleWhen when() {
    double above = settings.read(Key.SCALING_UP, 10.0, Scalings::ratio);
    double below = settings.read(Key.SCALING_DOWN, 2.0, Scalings::ratio);
    if (above <= below) {
      faults.fault(
          "scaling.up_above ("
              + above
              + ") must be greater than scaling.down_below ("
              + below
              + "), or nodes would be added and taken away in turn");
    }
    return new ScaleWhen(
        above,
        below,
        settings.read(Key.SCALING_COOLDOWN, Duration.ofMinutes(10), Quantities::duration));
  }

  /// Items per node.
  private static double ratio(String field, String text) {
    try {
      double ratio = Double.parseDouble(text.strip());
      if (ratio >= 0 && ratio <= MOST_ITEMS) {
        return ratio;
      }
    } catch (NumberFormatException e) {
      throw Refusal.invalid(field, text, "a number from 0 to " + MOST_ITEMS);
    }
    throw Refusal.invalid(field, text, "a number from 0 to " + MOST_ITEMS);
  }

  private static ScalingMode mode(String field, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      // An unquoted off is a flag in YAML.
      case "off", "false" -> ScalingMode.OFF;
      case "local" -> ScalingMode.LOCAL;
      case "webhook" -> ScalingMode.WEBHOOK;
      default -> throw Refusal.invalid(field, text, "off, local or webhook");
    };
  }

  private static int nodes(String field, String text) {
    return Quantities.whole(field, text, 0, MOST_NODES);
  }

  private static URI uri(String field, String text) {
    try {
      var uri = new URI(text.strip());
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw Refusal.invalid(field, text, "an http or https address (" + e.getReason() + ")");
    }
    throw Refusal.invalid(field, text, "an http or https address");
  }
}
