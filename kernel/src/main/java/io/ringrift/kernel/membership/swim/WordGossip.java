package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.time.Ticker;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.gossip.GossipProtocol;
import io.scalecube.cluster.membership.MemberStatus;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.transport.api.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/// Gossip in place of ScaleCube's own, which sends each word of each teller in a message of its
/// own: fifty members that start at once are 270,000 of them. Here one message a round and listener
/// carries all words, and two tellers of one word are one. Owner thread.
final class WordGossip implements GossipProtocol {
  /// Says that the message holds words about members.
  static final String WORDS = "ringrift/words";

  private static final int FANOUT = 3;
  private static final int MAX_WORDS = 4096;
  private static final int MAX_WORDS_A_MESSAGE = 512;

  /// Rounds for which a word is remembered behind those in which it is said.
  private static final int MEMORY_ROUNDS = 12;

  private final SwimTransport transport;
  private final WireTypes types;
  private final Scheduler scheduler;
  private final Duration interval;
  private final Supplier<Collection<Member>> others;
  private final Ticker ticker;
  private final Words<Object> words;
  private final Sinks.Many<Message> heard = Sinks.many().multicast().directBestEffort();
  private final Disposable.Composite running = Disposables.composite();

  /// @param others members of the table without this one; asked on the owner thread
  WordGossip(
      SwimTransport transport,
      WireTypes types,
      Scheduler scheduler,
      Duration interval,
      Supplier<Collection<Member>> others) {
    this.transport = transport;
    this.types = types;
    this.scheduler = scheduler;
    this.interval = interval;
    this.others = others;
    this.ticker = transport.ticker();
    this.words = new Words<>(MAX_WORDS, interval.multipliedBy(MEMORY_ROUNDS));
  }

  @Override
  public void start() {
    running.add(transport.only(WORDS).listen().subscribe(this::hear));
    running.add(
        scheduler.schedulePeriodically(
            this::round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS));
  }

  @Override
  public void stop() {
    running.dispose();
    var _ = heard.tryEmitComplete();
  }

  /// A goodbye is said to all at once, since who says it does not stay.
  @Override
  public Mono<String> spread(Message message) {
    return Mono.fromRunnable(
        () -> {
          Object word = message.data();
          WireTypes.Row row = types.row(word);
          if (row != null && hear(row, word) && isOwnGoodbye(row)) {
            others.get().forEach(member -> say(member, List.of(word)));
          }
        });
  }

  @Override
  public Flux<Message> listen() {
    return heard
        .asFlux()
        .onBackpressureBuffer(MAX_WORDS, _ -> {}, BufferOverflowStrategy.DROP_LATEST);
  }

  private void hear(Message message) {
    for (Object word : types.records(message.data())) {
      WireTypes.Row row = types.row(word);
      if (row != null && hear(row, word)) {
        heard.emitNext(
            Message.withData(word).qualifier(MembershipProtocolImpl.MEMBERSHIP_GOSSIP).build(),
            Sinks.EmitFailureHandler.FAIL_FAST);
      }
    }
  }

  private boolean hear(WireTypes.Row row, Object word) {
    return words.hear(ticker.now(), row.member().id(), WireTypes.rank(row), word);
  }

  private boolean isOwnGoodbye(WireTypes.Row row) {
    return row.status() == MemberStatus.LEAVING
        && row.member().address().equals(transport.address());
  }

  private void round() {
    var all = new ArrayList<>(others.get());
    Collections.shuffle(all);
    var listeners = all.subList(0, Math.min(FANOUT, all.size()));
    if (listeners.isEmpty()) {
      return;
    }
    int times = FANOUT * SwimTiming.log2(all.size() + 1);
    var texts = words.next(ticker.now(), times, listeners.size(), MAX_WORDS_A_MESSAGE);
    if (!texts.isEmpty()) {
      listeners.forEach(member -> say(member, texts));
    }
  }

  private void say(Member member, List<Object> texts) {
    var _ =
        transport
            .send(member.address(), Message.withData(types.table(texts)).qualifier(WORDS).build())
            .subscribe();
  }
}
