package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.transport.api.Message;
import io.scalecube.cluster.transport.api.Transport;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Carries ScaleCube's messages. Small questions and their answers go as datagrams, a question
/// several times while no answer is there and once by connection, so that neither loss nor a
/// network without datagrams makes a suspect. A few words of gossip are a datagram as well; many of
/// them, and tables, go by connection. Repetition is harmless: answers are matched by id, words by
/// what they say.
///
/// What comes in is handed to the owner thread; beyond a bound it is lost, which SWIM survives.
final class SwimTransport implements Transport {
  private static final Logger LOG = LoggerFactory.getLogger(SwimTransport.class);

  private static final int MAX_WAITING = 8192;
  private static final long MAX_WAITING_BYTES = 16L << 20;

  private final SwimConfig config;
  private final SwimPorts ports;
  private final SwimThread owner;
  private final SwimMetrics metrics;
  private final WireTypes types;
  private final WireForm form;
  private final MessageRules rules;
  private final String address;
  private final SwimSockets sockets;
  private final Sinks.Many<Message> heard = Sinks.many().multicast().directBestEffort();
  private final Questions questions;
  private final Map<String, Moment> contacts = new HashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final OncePerMinute quiet = new OncePerMinute();
  private volatile LinkRules network = LinkRules.WHOLE;
  private volatile Predicate<Message> admission = _ -> false;
  private volatile Supplier<List<String>> lonelySeeds = List::of;
  private volatile Supplier<Collection<?>> table = List::of;
  private volatile TableDigests digests = new TableDigests(List::of);

  SwimTransport(
      SwimConfig config, SwimPorts ports, SwimThread owner, SwimMetrics metrics, WireTypes types) {
    this.config = config;
    this.ports = ports;
    this.owner = owner;
    this.metrics = metrics;
    this.types = types;
    this.form = new WireForm(types);
    this.rules = new MessageRules(types);
    this.address = config.dialledAt().toString();
    this.sockets = new SwimSockets(config, ports.ticker(), this::take, metrics);
    this.questions = new Questions(owner, types, sockets.hasDatagrams(), this::pass);
  }

  /// Lets messages in from now on.
  ///
  /// @param admits asked on the owner thread
  /// @param engine asked on the owner thread
  void open(Predicate<Message> admits, SwimEngine engine) {
    lonelySeeds = engine::lonelySeeds;
    table = engine::records;
    digests = new TableDigests(engine::rows);
    admission = admits;
  }

  /// For tests: what the network does.
  void network(LinkRules network) {
    this.network = network;
  }

  Ticker ticker() {
    return ports.ticker();
  }

  SwimSockets sockets() {
    return sockets;
  }

  /// Last message from that address. Owner thread.
  Moment lastContact(String from) {
    return contacts.getOrDefault(from, Moment.MIN);
  }

  /// Forgets who else was heard. Owner thread.
  void retain(Set<String> addresses) {
    contacts.keySet().retainAll(addresses);
  }

  /// Tells another node why it is not let in, at most once a minute.
  void refuse(String to, String text) {
    if (quiet.first(to, ports.ticker().now())) {
      pass(to, Message.withData(text).qualifier(MessageRules.REFUSED).build(), false);
    }
  }

  // ---- ScaleCube's side

  @Override
  public String address() {
    return address;
  }

  @Override
  public Mono<Transport> start() {
    return Mono.just(this);
  }

  @Override
  public Mono<Void> stop() {
    return Mono.fromRunnable(this::close);
  }

  @Override
  public boolean isStopped() {
    return owner.isShutdown();
  }

  void close() {
    sockets.close();
  }

  /// What one part of ScaleCube handles: messages of these qualifiers.
  Transport only(String... qualifiers) {
    return new PartOfTransport(this, Set.of(qualifiers));
  }

  @Override
  public Flux<Message> listen() {
    return heard
        .asFlux()
        .onBackpressureBuffer(MAX_WAITING, _ -> metrics.lost(), BufferOverflowStrategy.DROP_LATEST);
  }

  @Override
  public Mono<Void> send(String to, Message message) {
    return Mono.fromRunnable(() -> sendNow(to, message));
  }

  private void sendNow(String to, Message message) {
    String id = message.correlationId();
    switch (message.qualifier()) {
      case MembershipProtocolImpl.SYNC -> {
        if (id != null) {
          pass(to, message, false);
        } else {
          digests
              .inPlaceOfTable(to)
              .ifPresentOrElse(
                  text -> pass(to, digest(text), true), () -> pass(to, message, false));
          lonelySeeds.get().stream()
              .filter(seed -> !seed.equals(to))
              .forEach(seed -> pass(seed, message, false));
        }
      }
      case MembershipProtocolImpl.SYNC_ACK -> pass(to, message, false);
      default -> pass(to, message, !Questions.byStream(id));
    }
  }

  private static Message digest(String text) {
    return Message.withData(text).qualifier(TableDigests.DIGEST).build();
  }

  /// As an exchange that was begun here; its answer tells what the other one holds.
  private void compare(Message theirs) {
    if (digests.differs(theirs.sender(), theirs.data())) {
      Object ours = types.table(table.get());
      pass(
          theirs.sender(),
          Message.withData(ours).qualifier(MembershipProtocolImpl.SYNC).build(),
          false);
    }
  }

  @Override
  public Mono<Message> requestResponse(String to, Message question) {
    return Mono.create(sink -> questions.ask(to, question, sink, config.swim()));
  }

  /// @param datagram go as one where the size and the node allow it
  private void pass(String to, Message message, boolean datagram) {
    var complete = Message.with(message).sender(address);
    if (config.voters().containsKey(config.self())) {
      LeaderHint.of(config.self(), ports.leadership().get())
          .ifPresent(hint -> complete.header(LeaderHint.HEADER, hint.text()));
    }
    byte[] bytes = form.write(complete.build());
    boolean small = datagram && sockets.hasDatagrams() && bytes.length <= SwimSockets.MAX_DATAGRAM;
    if (network.loses(to, small)) {
      return;
    }
    if (small) {
      sockets.datagram(to, bytes);
    } else {
      sockets.stream(to, bytes);
    }
  }

  // ---- the network's side

  /// On the event loop.
  private boolean take(byte[] bytes, boolean datagram) {
    Message message;
    try {
      message = form.read(bytes);
    } catch (IOException e) {
      LOG.debug("not a message: {}", e.getMessage());
      return false;
    }
    if (!rules.isWhole(message)) {
      return false;
    }
    metrics.received(datagram, bytes.length);
    int many = waiting.incrementAndGet();
    long much = waitingBytes.addAndGet(bytes.length);
    if (many > MAX_WAITING || much > MAX_WAITING_BYTES) {
      waiting.decrementAndGet();
      waitingBytes.addAndGet(-bytes.length);
      metrics.lost();
      return true;
    }
    owner.execute(
        () -> {
          waiting.decrementAndGet();
          waitingBytes.addAndGet(-bytes.length);
          deliver(message);
        });
    return true;
  }

  private void deliver(Message message) {
    Moment now = ports.ticker().now();
    if (MessageRules.REFUSED.equals(message.qualifier())) {
      String text = Optional.ofNullable(message.<String>data()).orElse("");
      if (quiet.first("refused by " + message.sender(), now)) {
        LOG.warn("refused by {}: {}", message.sender(), text.replaceAll("\\p{Cntrl}", "?"));
      }
      return;
    }
    if (!admission.test(message)) {
      return;
    }
    contacts.put(message.sender(), now);
    Optional.ofNullable(message.header(LeaderHint.HEADER))
        .flatMap(LeaderHint::read)
        .filter(hint -> config.voters().containsKey(hint.teller()))
        .ifPresent(hint -> ports.advertised().accept(hint.leader(), hint.epoch()));
    if (TableDigests.DIGEST.equals(message.qualifier())) {
      compare(message);
      return;
    }
    questions.heard(message);
    heard.emitNext(message, Sinks.EmitFailureHandler.FAIL_FAST);
  }
}
