package io.ringrift.managers;

import io.ringrift.kernel.NodeId;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Asks many nodes at once on virtual threads and keeps who answers in time.
public final class Fanout {
  private Fanout() {}

  /// What became of each question, in the order of the nodes.
  ///
  /// @param answers by node, for those who answered
  /// @param failures by node, for the others, with the cause for people
  public record Outcome<T>(Map<NodeId, T> answers, Map<NodeId, String> failures) {}

  /// Asks every node; returns after the deadline at the latest.
  public static <T> Outcome<T> ask(
      Collection<NodeId> nodes, Duration deadline, Function<NodeId, T> question)
      throws InterruptedException {
    var asks = nodes.stream().map(node -> (Callable<T>) () -> question.apply(node)).toList();
    var answers = new LinkedHashMap<NodeId, T>();
    var failures = new LinkedHashMap<NodeId, String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = threads.invokeAll(asks, deadline.toMillis(), TimeUnit.MILLISECONDS);
      int i = 0;
      for (NodeId node : nodes) {
        collect(node, futures.get(i++), answers, failures);
      }
    }
    return new Outcome<>(answers, failures);
  }

  private static <T> void collect(
      NodeId node, Future<T> future, Map<NodeId, T> answers, Map<NodeId, String> failures)
      throws InterruptedException {
    try {
      answers.put(node, future.get());
    } catch (CancellationException e) {
      failures.put(node, "no answer within the deadline");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      failures.put(node, String.valueOf(cause.getMessage()));
    }
  }
}
