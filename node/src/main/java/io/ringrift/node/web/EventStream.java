package io.ringrift.node.web;

import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events for browsers and curl (`text/event-stream`). The id of an event is `index:ordinal`; a
/// client that comes back with it, as `Last-Event-ID` or `?after=`, misses none and gets none
/// twice; where events in between were forgotten, `event: truncated` comes before the next one. The
/// next event is asked for only after the reader took the last, so one that takes none holds up
/// nobody, is dropped with `event: end` when too many wait, and loses its connection when it does
/// not take even the comment that is sent every so often.
final class EventStream extends AbstractHttpService {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final int MOST_READERS = 200;

  private final Channel local;
  private final Duration heartbeat;
  private final AtomicInteger readers = new AtomicInteger();

  EventStream(Channel local) {
    this(local, HEARTBEAT);
  }

  /// @param heartbeat between two comments
  EventStream(Channel local, Duration heartbeat) {
    this.local = local;
    this.heartbeat = heartbeat;
  }

  /// Where a reader stands: everything up to `ordinal` of `index` was seen.
  private record Position(long index, long ordinal) {
    static Position parse(String text) {
      int colon = text.indexOf(':');
      String index = colon < 0 ? text : text.substring(0, colon);
      String ordinal = colon < 0 ? "" : text.substring(colon + 1);
      return new Position(
          Long.parseUnsignedLong(index),
          ordinal.isEmpty() ? Long.MAX_VALUE : Long.parseLong(ordinal));
    }

    boolean before(Event event) {
      return event.getIndex() > index
          || (event.getIndex() == index && event.getOrdinal() > ordinal);
    }

    /// The watch is by index: ask again for the index that may have been seen in part.
    long afterIndex() {
      return ordinal == Long.MAX_VALUE || index == 0 ? index : index - 1;
    }
  }

  @Override
  protected HttpResponse doGet(ServiceRequestContext ctx, HttpRequest request) {
    String given = request.headers().get("last-event-id", ctx.queryParams().get("after", "0"));
    Position position;
    try {
      position = Position.parse(given);
    } catch (NumberFormatException e) {
      return refuse(
          HttpStatus.BAD_REQUEST,
          "after is \"" + given + "\" but must be an index or index:ordinal",
          "INVALID_ARGUMENT");
    }
    if (readers.incrementAndGet() > MOST_READERS) {
      readers.decrementAndGet();
      return refuse(
          HttpStatus.TOO_MANY_REQUESTS,
          "this node serves " + MOST_READERS + " event readers already; ask another node",
          "OVERLOADED");
    }
    ctx.clearRequestTimeout();
    var writer = HttpResponse.streaming();
    writer.write(
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(MediaType.EVENT_STREAM)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
            .build());
    writer.write(HttpData.ofUtf8(": events behind " + given.strip() + "\n\n"));
    var reader = new Reader(writer, position);
    var pulse =
        ctx.eventLoop()
            .scheduleAtFixedRate(
                new Pulse(writer),
                heartbeat.toMillis(),
                heartbeat.toMillis(),
                TimeUnit.MILLISECONDS);
    var _ =
        writer
            .whenComplete()
            .handle(
                (_, _) -> {
                  pulse.cancel(false);
                  readers.decrementAndGet();
                  reader.cancel();
                  return null;
                });
    // the stream outlives the request's own context
    Context.ROOT.run(
        () ->
            EventServiceGrpc.newStub(local)
                .watchEvents(
                    WatchEventsRequest.newBuilder().setAfterIndex(position.afterIndex()).build(),
                    reader));
    return writer;
  }

  private static HttpResponse refuse(HttpStatus status, String error, String code) {
    return JsonErrors.json(status, error, code, Map.of()).toHttpResponse();
  }

  /// Sends a comment at each beat, one at a time, and gives a reader up that takes none. Runs on
  /// the event loop.
  private static final class Pulse implements Runnable {
    private static final int MOST_MISSED = 4;

    private final HttpResponseWriter writer;
    private CompletableFuture<Void> taken = CompletableFuture.allOf();
    private int missed;

    Pulse(HttpResponseWriter writer) {
      this.writer = writer;
    }

    @Override
    public void run() {
      if (taken.isDone() && writer.tryWrite(HttpData.ofUtf8(": \n\n"))) {
        taken = writer.whenConsumed();
        missed = 0;
      } else if (++missed >= MOST_MISSED) {
        LOG.info("a reader of events took nothing for {} beats and is given up", missed);
        writer.abort();
      }
    }
  }

  /// Takes one event at a time from the watch and hands it to the client.
  private static final class Reader
      implements ClientResponseObserver<WatchEventsRequest, WatchEventsResponse> {
    private final HttpResponseWriter writer;
    private final Position position;
    private volatile Runnable cancel = () -> {};
    private volatile Runnable next = () -> {};

    Reader(HttpResponseWriter writer, Position position) {
      this.writer = writer;
      this.position = position;
    }

    void cancel() {
      cancel.run();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchEventsRequest> call) {
      call.disableAutoRequestWithInitial(1);
      next = () -> call.request(1);
      cancel = () -> call.cancel("the reader is gone", null);
    }

    @Override
    public void onNext(WatchEventsResponse response) {
      var event = response.getEvent();
      if (position.before(event)) {
        String text = (response.getTruncated() ? truncated(event) : "") + text(event);
        if (!writer.tryWrite(HttpData.ofUtf8(text))) {
          cancel();
          return;
        }
      }
      var _ = writer.whenConsumed().thenRun(next);
    }

    @Override
    public void onError(Throwable failure) {
      LOG.debug("an event stream ended", failure);
      String why =
          failure instanceof StatusRuntimeException s ? s.getStatus().getCode().name() : "INTERNAL";
      var _ = writer.tryWrite(HttpData.ofUtf8("event: end\ndata: " + why + "\n\n"));
      writer.close();
    }

    @Override
    public void onCompleted() {
      writer.close();
    }
  }

  /// Without an id, so that a reader that breaks off here comes back to where it stood.
  private static String truncated(Event first) {
    return "event: truncated\ndata: {\"first_kept\":\""
        + first.getIndex()
        + ":"
        + first.getOrdinal()
        + "\"}\n\n";
  }

  private static String text(Event event) {
    return "id: "
        + event.getIndex()
        + ":"
        + event.getOrdinal()
        + "\nevent: "
        + event.getKind().replaceAll("[\r\n]", " ")
        + "\ndata: "
        + json(event)
        + "\n\n";
  }

  private static String json(Event event) {
    try {
      return WebJson.PRINTER.print(event);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message is always JSON", e);
    }
  }
}
