package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.StartProcessRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/// Carries start orders to the nodes: nodes side by side, so that one that does not answer holds up
/// nobody else's jobs; the orders of one node one after the other, until it refuses one for a cause
/// that holds for the next as well.
final class OrderLanes {
  /// @param repeat an order of this claim may have been sent before
  record Order(Job job, boolean repeat) {
    NodeId node() {
      return new NodeId(job.getNodeId());
    }
  }

  /// What a node said to an order.
  sealed interface Answer {
    Order order();

    /// @param fresh it was not there before
    record Taken(Order order, boolean fresh) implements Answer {}

    /// @param took how long the node kept the leader waiting
    record Refused(Order order, Refusal why, Duration took) implements Answer {}

    /// Not sent, since the node refused one before it.
    record Unsent(Order order, Refusal why) implements Answer {}
  }

  private final Services services;
  private final Ticker ticker;
  private final Duration callTimeout;

  OrderLanes(Services services, Ticker ticker, Duration callTimeout) {
    this.services = services;
    this.ticker = ticker;
    this.callTimeout = callTimeout;
  }

  /// Sends all; an order without an answer in the result was cut off and may have arrived.
  ///
  /// @param guard throws once the epoch is over; asked before each order, from several threads
  List<Answer> send(Epoch epoch, Runnable guard, List<Order> orders) throws InterruptedException {
    var lanes = new TreeMap<NodeId, List<Order>>();
    orders.forEach(order -> lanes.computeIfAbsent(order.node(), _ -> new ArrayList<>()).add(order));
    Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    var _ =
        Fanout.ask(
            lanes.keySet(),
            callTimeout.multipliedBy(2),
            node -> {
              lane(epoch, guard, lanes.getOrDefault(node, List.of()), answers);
              return node;
            });
    guard.run();
    return List.copyOf(answers);
  }

  private void lane(Epoch epoch, Runnable guard, List<Order> orders, Queue<Answer> answers) {
    Optional<Refusal> shut = Optional.empty();
    for (Order order : orders) {
      if (shut.isPresent()) {
        answers.add(new Answer.Unsent(order, shut.get()));
        continue;
      }
      guard.run();
      Answer answer = send(epoch, order);
      answers.add(answer);
      if (answer instanceof Answer.Refused(_, var why, _) && OrderOutcome.ofNode(why.reason())) {
        shut = Optional.of(why);
      }
    }
  }

  /// Sending an order again is harmless.
  private Answer send(Epoch epoch, Order order) {
    Job job = order.job();
    var request =
        StartProcessRequest.newBuilder()
            .setFence(
                Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()))
            .setOrder(
                ProcessOrder.newBuilder()
                    .setJobId(job.getJobId())
                    .setAttempt(job.getAttempt())
                    .setClaimToken(job.getClaimToken())
                    .setSpec(job.getSpec()))
            .build();
    Moment asked = ticker.now();
    try {
      boolean duplicate =
          ProcessServiceGrpc.newBlockingStub(services.on(order.node()))
              .withDeadlineAfter(callTimeout.toMillis(), TimeUnit.MILLISECONDS)
              .startProcess(request)
              .getDuplicate();
      return new Answer.Taken(order, !duplicate);
    } catch (StatusRuntimeException e) {
      return new Answer.Refused(order, Errors.fromStatus(e), ticker.now().since(asked));
    } catch (Refusal e) {
      return new Answer.Refused(order, e, ticker.now().since(asked));
    }
  }
}
