package io.ringrift.managers.state;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import java.util.List;

/// One WatchEvents stream. It reads the kept events behind its own place, so nothing is queued for
/// it; a reader that takes none while too many new ones come is dropped. A long backlog at the
/// beginning is no offence. Where events behind its place were forgotten, the next one says so.
final class EventWatcher {
  private static final int PAGE = 256;

  private final ServerCallStreamObserver<WatchEventsResponse> call;
  private final ClusterStore store;
  private final int mostBehind;
  private final Pump pump = new Pump(this::send);
  private EventRing.Place place;
  private EventRing.Place newestAtLastSend;
  private boolean ended;
  private volatile boolean ending;
  private volatile Runnable onEnd = () -> {};

  EventWatcher(
      ServerCallStreamObserver<WatchEventsResponse> call,
      ClusterStore store,
      EventRing.Place after,
      int mostBehind) {
    this.call = call;
    this.store = store;
    this.place = after;
    this.mostBehind = mostBehind;
    this.newestAtLastSend = newest();
  }

  /// @param truncated events between the reader's place and the first one may be gone
  private record Page(List<Event> events, boolean truncated) {}

  private Page page(EventRing events) {
    return new Page(events.after(place, PAGE), events.truncatedAfter(place));
  }

  private EventRing.Place newest() {
    return store.read(state -> state.events().newest());
  }

  void onEnd(Runnable action) {
    onEnd = action;
  }

  void wake() {
    pump.wake();
  }

  void end() {
    ending = true;
    pump.wake();
  }

  /// Runs on the pump's thread only.
  private void send() {
    if (ended || call.isCancelled()) {
      return;
    }
    try {
      if (ending) {
        finish(new Refusal(Reason.SHUTTING_DOWN, "the node is stopping"));
        return;
      }
      sendPages();
    } catch (StatusRuntimeException e) {
      // The reader left between the check and the send.
      ended = true;
      onEnd.run();
    }
  }

  private void sendPages() {
    while (call.isReady()) {
      Page page = store.read(state -> page(state.events()));
      if (page.events().isEmpty()) {
        return;
      }
      boolean truncated = page.truncated();
      for (Event event : page.events()) {
        call.onNext(
            WatchEventsResponse.newBuilder().setEvent(event).setTruncated(truncated).build());
        place = EventRing.Place.of(event);
        truncated = false;
      }
      newestAtLastSend = newest();
    }
    var since = newestAtLastSend;
    int behind = store.read(state -> state.events().after(since, mostBehind + 1).size());
    if (behind > mostBehind) {
      finish(
          new Refusal(
              Reason.OVERLOADED,
              "the reader is more than "
                  + mostBehind
                  + " events behind and takes none; watch again from index "
                  + (place.index() - 1)));
    }
  }

  private void finish(Refusal refusal) {
    ended = true;
    call.onError(Errors.toStatus(refusal));
    onEnd.run();
  }
}
