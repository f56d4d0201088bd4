package io.ringrift.kernel.membership.swim;

import io.scalecube.cluster.fdetector.FailureDetectorImpl;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.metadata.MetadataStoreImpl;
import io.scalecube.cluster.transport.api.Message;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/// The questions that wait for an answer. Several may have one id, since the indirect probes repeat
/// that of the direct one: an answer serves them all. A card is asked for once at a time, however
/// often ScaleCube hears of its owner meanwhile: at a mass start that is once per message.
final class Questions {
  /// At the end of an id: asked by connection, so answer by connection.
  private static final String BY_STREAM = "#s";

  private static final Set<String> ANSWERS =
      Set.of(
          FailureDetectorImpl.PING_ACK,
          MembershipProtocolImpl.SYNC_ACK,
          MetadataStoreImpl.GET_METADATA_RESP);

  /// The way out.
  @FunctionalInterface
  interface Outlet {
    void pass(String to, Message message, boolean datagram);
  }

  private final SwimThread owner;
  private final WireTypes types;
  private final boolean datagrams;
  private final Outlet outlet;
  private final Map<String, CopyOnWriteArrayList<MonoSink<Message>>> waiting =
      new ConcurrentHashMap<>();

  /// Ids of the requests for cards under way, by whose card it is.
  private final Map<String, String> cards = new ConcurrentHashMap<>();

  Questions(SwimThread owner, WireTypes types, boolean datagrams, Outlet outlet) {
    this.owner = owner;
    this.types = types;
    this.datagrams = datagrams;
    this.outlet = outlet;
  }

  /// Whether what belongs to that id goes by connection.
  static boolean byStream(@Nullable String id) {
    return id != null && id.endsWith(BY_STREAM);
  }

  void ask(String to, Message question, MonoSink<Message> sink, SwimTiming timing) {
    String id = question.correlationId();
    String whose = types.metadataOf(question.data());
    String asked = whose == null ? null : cards.putIfAbsent(whose, id);
    if (asked != null) {
      var same = waiting.computeIfAbsent(asked, _ -> new CopyOnWriteArrayList<>());
      same.add(sink);
      sink.onDispose(() -> end(asked, sink));
      return;
    }
    waiting.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>()).add(sink);
    var copies =
        new QuestionCopies(owner, whose == null ? timing.pingTimeout() : timing.metadataTimeout());
    sink.onDispose(
        () -> {
          copies.cancel();
          if (whose != null) {
            cards.remove(whose, id);
          }
          end(id, sink);
        });
    if (datagrams && !MembershipProtocolImpl.SYNC.equals(question.qualifier())) {
      var again = Message.with(question).correlationId(id + BY_STREAM).build();
      copies.start(() -> outlet.pass(to, question, true), () -> outlet.pass(to, again, false));
    } else {
      outlet.pass(to, question, false);
    }
  }

  /// Serves who waits for that message, if it is an answer.
  void heard(Message message) {
    String id = message.correlationId();
    if (id == null || !ANSWERS.contains(message.qualifier())) {
      return;
    }
    String asked = byStream(id) ? id.substring(0, id.length() - BY_STREAM.length()) : id;
    var sinks = waiting.get(asked);
    if (sinks != null) {
      sinks.forEach(sink -> sink.success(message));
    }
  }

  private void end(String id, MonoSink<Message> sink) {
    waiting.computeIfPresent(
        id,
        (_, sinks) -> {
          sinks.remove(sink);
          return sinks.isEmpty() ? null : sinks;
        });
  }
}
