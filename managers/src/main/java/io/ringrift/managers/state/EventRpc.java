package io.ringrift.managers.state;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.ListEventsResponse;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;

/// EventService: the kept events of the local replica and streams of new ones.
final class EventRpc extends EventServiceGrpc.EventServiceImplBase {
  private static final int MOST_STREAMS = 1024;
  private static final int MOST_PAGE = 1000;
  private static final int DEFAULT_PAGE = 100;

  private final ClusterStore store;
  private final int mostBehind;
  private final StreamSlots<EventWatcher> watchers = new StreamSlots<>(MOST_STREAMS);

  /// @param mostBehind events that a reader may lag before it is dropped
  EventRpc(ClusterStore store, int mostBehind) {
    this.store = store;
    this.mostBehind = mostBehind;
    store.watch(_ -> watchers.all().forEach(EventWatcher::wake));
  }

  @Override
  public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.getPageSize() < 0 || request.getPageSize() > MOST_PAGE) {
            throw Refusal.invalid(
                "page_size", Integer.toString(request.getPageSize()), "0 to " + MOST_PAGE);
          }
          var after = behind(request.getAfterIndex());
          int page = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
          var answer =
              store.readAt(
                  state ->
                      ListEventsResponse.newBuilder()
                          .addAllEvents(EventPages.whole(state.events(), after, page))
                          .setTruncated(state.events().truncatedAfter(after)));
          return answer.value().setAppliedIndex(answer.index()).build();
        });
  }

  @Override
  public void watchEvents(
      WatchEventsRequest request, StreamObserver<WatchEventsResponse> observer) {
    var call = (ServerCallStreamObserver<WatchEventsResponse>) observer;
    var watcher = new EventWatcher(call, store, behind(request.getAfterIndex()), mostBehind);
    watchers.add(watcher);
    call.setOnCancelHandler(() -> watchers.remove(watcher));
    watcher.onEnd(() -> watchers.remove(watcher));
    call.setOnReadyHandler(watcher::wake);
    watcher.wake();
  }

  private static EventRing.Place behind(long index) {
    return new EventRing.Place(Math.max(0, index), Integer.MAX_VALUE);
  }

  /// Ends open streams.
  void close() {
    watchers.all().forEach(EventWatcher::end);
  }
}
