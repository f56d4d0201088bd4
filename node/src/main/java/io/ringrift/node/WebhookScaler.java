package io.ringrift.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.Glob;
import io.ringrift.managers.watch.Scaler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks somebody else's service for nodes: a POST of JSON with `action`, `cluster_id`, `key` and
/// `nodes` or `node_id`. The key is the same in every try, so that a service can tell a repeat. Any
/// answer of 2xx is a yes; 4xx is final; all else is tried again. One call blocks at most three
/// times the deadline.
final class WebhookScaler implements Scaler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookScaler.class);
  private static final int TRIES = 3;

  private final URI address;
  private final String clusterId;
  private final Duration deadline;
  private final List<String> removable;
  private final HttpClient client;
  private final ObjectMapper json = new ObjectMapper();

  /// @param deadline of one try
  /// @param removable globs of the nodes that it may take away
  WebhookScaler(URI address, String clusterId, Duration deadline, List<String> removable) {
    this.address = address;
    this.clusterId = clusterId;
    this.deadline = deadline;
    this.removable = List.copyOf(removable);
    this.client = HttpClient.newBuilder().connectTimeout(deadline).build();
  }

  /// The leader offers only nodes that are no voters.
  @Override
  public boolean mayRemove(String nodeId) {
    return Glob.anyCovers(removable, new NodeId(nodeId));
  }

  @Override
  public void add(int nodes, String key) {
    send(body("scale_up", key).put("nodes", nodes));
  }

  @Override
  public void remove(String nodeId, String key) {
    send(body("scale_down", key).put("node_id", nodeId));
  }

  private ObjectNode body(String action, String key) {
    return json.createObjectNode()
        .put("action", action)
        .put("cluster_id", clusterId)
        .put("key", key);
  }

  private void send(ObjectNode body) {
    var request =
        HttpRequest.newBuilder(address)
            .timeout(deadline)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    String last = "";
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status / 100 == 2) {
          return;
        }
        last = "it answered " + status;
        if (status / 100 == 4) {
          break;
        }
      } catch (IOException e) {
        last = e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Refusal(Reason.SHUTTING_DOWN, "interrupted while scaling", e);
      }
      LOG.info("scaling.webhook {}, try {} of {}: {}", address, attempt, TRIES, last);
    }
    throw new Refusal(
        Reason.UNREACHABLE,
        "scaling.webhook " + address + " did not take the order: " + last + "; check the service");
  }

  @Override
  public void close() {
    client.close();
  }
}
