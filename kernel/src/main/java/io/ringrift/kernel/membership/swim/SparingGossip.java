package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.scalecube.cluster.gossip.GossipProtocol;
import io.scalecube.cluster.transport.api.Message;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Spreads no word that is on its way already. ScaleCube lets every member that learns something
/// from a sync or a probe gossip it anew; one such word costs fanout x rounds messages at each
/// member. Owner thread.
final class SparingGossip implements GossipProtocol {
  private static final int MAX_WORDS = 4096;

  private final GossipProtocol gossip;
  private final WireTypes types;
  private final Ticker ticker;
  private final Duration spreading;
  private final Map<WireTypes.Row, Moment> words = new LinkedHashMap<>();

  /// @param spreading how long a word is on its way; it may be said again afterwards
  SparingGossip(GossipProtocol gossip, WireTypes types, Ticker ticker, Duration spreading) {
    this.gossip = gossip;
    this.types = types;
    this.ticker = ticker;
    this.spreading = spreading;
  }

  @Override
  public void start() {
    gossip.start();
  }

  @Override
  public void stop() {
    gossip.stop();
  }

  @Override
  public Mono<String> spread(Message message) {
    return isNews(message) ? gossip.spread(message) : Mono.empty();
  }

  @Override
  public Flux<Message> listen() {
    return gossip.listen().doOnNext(this::isNews);
  }

  private boolean isNews(Message message) {
    WireTypes.Row word = types.row(message.data());
    if (word == null) {
      return true;
    }
    Moment now = ticker.now();
    words.values().removeIf(at -> now.since(at).compareTo(spreading) > 0);
    if (words.size() >= MAX_WORDS) {
      return true;
    }
    return words.putIfAbsent(word, now) == null;
  }
}
