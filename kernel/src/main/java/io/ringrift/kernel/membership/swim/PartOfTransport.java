package io.ringrift.kernel.membership.swim;

import io.scalecube.cluster.transport.api.Message;
import io.scalecube.cluster.transport.api.Transport;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The transport as one part of ScaleCube sees it: it hears the messages that it handles and no
/// others. Each part takes what it hears to the owner thread once more, which for four parts and
/// every message would be the greater part of that thread's work.
record PartOfTransport(Transport whole, Set<String> qualifiers) implements Transport {
  @Override
  public Flux<Message> listen() {
    return whole.listen().filter(message -> qualifiers.contains(message.qualifier()));
  }

  @Override
  public String address() {
    return whole.address();
  }

  @Override
  public Mono<Transport> start() {
    return whole.start();
  }

  @Override
  public Mono<Void> stop() {
    return whole.stop();
  }

  @Override
  public boolean isStopped() {
    return whole.isStopped();
  }

  @Override
  public Mono<Void> send(String to, Message message) {
    return whole.send(to, message);
  }

  @Override
  public Mono<Message> requestResponse(String to, Message question) {
    return whole.requestResponse(to, question);
  }
}
