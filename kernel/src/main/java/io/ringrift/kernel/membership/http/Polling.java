package io.ringrift.kernel.membership.http;

import io.grpc.Channel;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MembershipClient;
import io.ringrift.kernel.wire.PollAnswer;
import io.ringrift.kernel.wire.PollCall;
import io.ringrift.kernel.wire.Welcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calls that go out: hellos, polls and goodbyes, each on a virtual thread with a deadline,
/// bounded in number. A call that finds no room counts as failed.
final class Polling {
  private static final Logger LOG = LoggerFactory.getLogger(Polling.class);
  private static final int MAX_CALLS = 128;
  private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(1);

  private final HttpConfig config;
  private final HttpPorts ports;
  private final Supplier<Intro> intro;
  private final Inbox inbox;
  private final PollMetrics metrics;
  private final MembershipClient client;
  private final OncePerMinute quiet = new OncePerMinute();
  private final Semaphore room = new Semaphore(MAX_CALLS);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /// Where answers go.
  @FunctionalInterface
  interface Inbox {
    void post(PollInput input);
  }

  Polling(
      HttpConfig config, HttpPorts ports, Supplier<Intro> intro, Inbox inbox, PollMetrics metrics) {
    this.config = config;
    this.ports = ports;
    this.intro = intro;
    this.inbox = inbox;
    this.metrics = metrics;
    this.client = new MembershipClient(config.timing().requestTimeout());
  }

  void greet(Endpoint at) {
    run(
        () -> {
          Welcome welcome = client.hello(ports.channels().to(at), intro.get(), config.settings());
          welcomed(welcome, Optional.of(at));
        },
        refusal -> {
          metrics.greeted(false);
          refused(at.toString(), refusal);
          inbox.post(new PollInput.GreetFailed(at));
        });
  }

  /// A hello was answered, by call or on a stream.
  ///
  /// @throws Refusal SETTINGS_MISMATCH
  void welcomed(Welcome welcome, Optional<Endpoint> dialled) {
    NodeId there = welcome.intro().id();
    config
        .settings()
        .mismatch(config.self(), there, welcome.settings())
        .ifPresent(
            mismatch -> {
              throw mismatch;
            });
    metrics.greeted(true);
    hint(welcome.intro());
    inbox.post(new PollInput.Admitted(welcome.intro(), dialled));
    inbox.post(new PollInput.Learned(there, welcome.members()));
  }

  /// @param stream takes the poll where the target holds this node's stream
  void poll(PollEffect.Poll poll, BiPredicate<NodeId, PollCall> stream) {
    var call = new PollCall(intro.get(), config.settings().clusterId(), Optional.of(poll.belief()));
    if (stream.test(poll.to(), call)) {
      return;
    }
    run(
        () -> answered(poll.to(), client.poll(ports.channels().to(poll.at()), call)),
        _ -> {
          metrics.polled(false);
          inbox.post(new PollInput.PollFailed(poll.to()));
        });
  }

  /// A poll was answered, by call or on a stream.
  void answered(NodeId asked, PollAnswer answer) {
    metrics.polled(true);
    hint(answer.intro());
    inbox.post(new PollInput.Answered(asked, answer.intro(), answer.ofPoller()));
    inbox.post(new PollInput.Learned(answer.intro().id(), answer.members()));
  }

  /// Tells people once a minute why another node does not let this one in.
  void refused(String where, Refusal refusal) {
    boolean loud =
        refusal.reason() == Reason.SETTINGS_MISMATCH
            || refusal.reason() == Reason.WRONG_NODE
            || refusal.reason() == Reason.WRONG_CLUSTER
            || refusal.reason() == Reason.UNAUTHENTICATED
            || refusal.reason() == Reason.PERMISSION_DENIED;
    if (loud && quiet.first(where, ports.ticker().now())) {
      LOG.warn("{} at {}: {}", refusal.reason(), where, refusal.text());
    } else {
      LOG.debug("no hello at {}: {}", where, refusal.text());
    }
  }

  /// Says goodbye over all channels at once; blocks at most a second.
  void leave(List<Channel> channels) {
    var goodbyes = new MembershipClient(LONGEST_GOODBYE);
    var calls = new ArrayList<Callable<Boolean>>();
    for (Channel channel : channels) {
      calls.add(() -> goodbye(goodbyes, channel));
    }
    try {
      var _ = threads.invokeAll(calls, LONGEST_GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean goodbye(MembershipClient goodbyes, Channel channel) {
    try {
      goodbyes.leave(channel, intro.get(), config.settings().clusterId());
      return true;
    } catch (Refusal refusal) {
      LOG.debug("goodbye not taken by {}: {}", channel.authority(), refusal.text());
      return false;
    }
  }

  void close() {
    threads.shutdownNow();
  }

  /// Only voters know; others repeat, and two who repeat each other never forget.
  private void hint(Intro heard) {
    if (config.voters().containsKey(heard.id())) {
      heard.leader().ifPresent(leader -> ports.advertised().accept(leader, heard.epoch()));
    }
  }

  private void run(Runnable call, java.util.function.Consumer<Refusal> failed) {
    if (threads.isShutdown()) {
      return;
    }
    if (!room.tryAcquire()) {
      failed.accept(
          new Refusal(Reason.OVERLOADED, MAX_CALLS + " membership calls are under way already"));
      return;
    }
    threads.execute(
        () -> {
          try {
            call.run();
          } catch (Refusal refusal) {
            failed.accept(refusal);
          } finally {
            room.release();
          }
        });
  }
}
