package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.time.Moment;
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
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

  /// The first word after silence waits for this part of the interval.
  private static final int FIRST_WORD_PART = 8;

  private static final int MAX_WORDS = 4096;
  private static final int MAX_WORDS_A_MESSAGE = 512;

  /// Rounds without anyone saying it for which a word is remembered.
  private static final int MEMORY_ROUNDS = 12;

  private final SwimTransport transport;
  private final WireTypes types;
  private final Scheduler scheduler;
  private final Duration interval;
  private final Supplier<Collection<Member>> others;
  private final Function<String, WireTypes.@Nullable Row> known;
  private final Ticker ticker;
  private final Words<Object> words;
  private final Sinks.Many<Message> heard = Sinks.many().multicast().directBestEffort();
  private final Disposable.Swap listening = Disposables.swap();
  private final Disposable.Swap planned = Disposables.swap();
  private Moment lastRound = Moment.MIN;
  private Moment nextRound = Moment.MAX;

  /// @param others members of the table without this one; asked on the owner thread
  /// @param known a member's row in the table by its id; asked on the owner thread
  WordGossip(
      SwimTransport transport,
      WireTypes types,
      Scheduler scheduler,
      Duration interval,
      Supplier<Collection<Member>> others,
      Function<String, WireTypes.@Nullable Row> known) {
    this.transport = transport;
    this.types = types;
    this.scheduler = scheduler;
    this.interval = interval;
    this.others = others;
    this.known = known;
    this.ticker = transport.ticker();
    this.words = new Words<>(MAX_WORDS, interval.multipliedBy(MEMORY_ROUNDS));
  }

  @Override
  public void start() {
    listening.update(transport.only(WORDS).listen().subscribe(this::hear));
  }

  @Override
  public void stop() {
    listening.dispose();
    planned.dispose();
    var _ = heard.tryEmitComplete();
  }

  /// A goodbye is said to all at once, since who says it does not stay.
  @Override
  public Mono<String> spread(Message message) {
    return Mono.fromRunnable(
        () -> {
          Object word = message.data();
          WireTypes.Row row = types.row(word);
          if (row != null && remember(row, word) && isOwnGoodbye(row)) {
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
      if (row != null && isNews(row) && remember(row, word)) {
        heard.emitNext(
            Message.withData(word).qualifier(MembershipProtocolImpl.MEMBERSHIP_GOSSIP).build(),
            Sinks.EmitFailureHandler.FAIL_FAST);
      }
    }
  }

  /// What the table holds already is passed on by whoever taught it.
  private boolean isNews(WireTypes.Row row) {
    WireTypes.Row present = known.apply(row.member().id());
    return present == null || WireTypes.rank(row).compareTo(WireTypes.rank(present)) > 0;
  }

  private boolean remember(WireTypes.Row row, Object word) {
    boolean says = words.hear(ticker.now(), row.member().id(), WireTypes.rank(row), word);
    if (says) {
      planNext();
    }
    return says;
  }

  /// The first word after silence goes on almost at once, so that it is with all within a few short
  /// waits; more of them wait for the interval, so that many travel in one message.
  private void planNext() {
    Moment now = ticker.now();
    Moment at = now.plus(interval.dividedBy(FIRST_WORD_PART)).max(lastRound.plus(interval));
    if (!at.isBefore(nextRound)) {
      return;
    }
    nextRound = at;
    long pause = Math.max(1, at.since(now).toMillis());
    planned.update(scheduler.schedule(this::round, pause, TimeUnit.MILLISECONDS));
  }

  private boolean isOwnGoodbye(WireTypes.Row row) {
    return row.status() == MemberStatus.LEAVING
        && row.member().address().equals(transport.address());
  }

  private void round() {
    lastRound = ticker.now();
    nextRound = Moment.MAX;
    var all = new ArrayList<>(others.get());
    Collections.shuffle(all);
    var listeners = all.subList(0, Math.min(FANOUT, all.size()));
    int times = FANOUT * SwimTiming.log2(all.size() + 1);
    if (!listeners.isEmpty()) {
      var texts = words.next(lastRound, times, listeners.size(), MAX_WORDS_A_MESSAGE);
      if (!texts.isEmpty()) {
        listeners.forEach(member -> say(member, texts));
      }
    }
    if (words.unsaid(lastRound, times)) {
      planNext();
    }
  }

  private void say(Member member, List<Object> texts) {
    var _ =
        transport
            .send(member.address(), Message.withData(types.table(texts)).qualifier(WORDS).build())
            .subscribe();
  }
}
