package io.ringrift.kernel.membership.swim;

import io.scalecube.cluster.Member;
import io.scalecube.cluster.metadata.MetadataStore;
import java.nio.ByteBuffer;
import java.util.Optional;
import reactor.core.publisher.Mono;

/// Asks a member for its card once, when it enters the table. ScaleCube would ask again at every
/// raised incarnation, so that whom we cannot reach could not refute either; a card never changes
/// within a boot. Who was removed is asked anew: that answer is what raises the dead.
final class CardStore implements MetadataStore {
  private final MetadataStore cards;

  CardStore(MetadataStore cards) {
    this.cards = cards;
  }

  @Override
  public void start() {
    cards.start();
  }

  @Override
  public void stop() {
    cards.stop();
  }

  @Override
  public <T> Optional<T> metadata() {
    return cards.metadata();
  }

  @Override
  public Optional<ByteBuffer> metadata(Member member) {
    return cards.metadata(member);
  }

  @Override
  public void updateMetadata(Object metadata) {
    cards.updateMetadata(metadata);
  }

  @Override
  public ByteBuffer updateMetadata(Member member, ByteBuffer metadata) {
    return cards.updateMetadata(member, metadata);
  }

  @Override
  public Mono<ByteBuffer> fetchMetadata(Member member) {
    return cards.metadata(member).map(Mono::just).orElseGet(() -> cards.fetchMetadata(member));
  }

  @Override
  public ByteBuffer removeMetadata(Member member) {
    return cards.removeMetadata(member);
  }
}
