package io.ringrift.chaos.real;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// One node's port, as curl would use it.
record Http(Endpoint address) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// @param status 0 when nobody answered
  record Reply(int status, JsonNode body) {
    String text(String field) {
      return body.path(field).asText();
    }
  }

  Reply get(String path) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  Reply post(String path, String body) {
    return send("POST", path, HttpRequest.BodyPublishers.ofString(body));
  }

  private Reply send(String method, String path, HttpRequest.BodyPublisher body) {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
    try (var client = HttpClient.newHttpClient()) {
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      return new Reply(answer.statusCode(), JSON.readTree(answer.body()));
    } catch (IOException e) {
      return new Reply(0, JSON.createObjectNode().put("error", e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
