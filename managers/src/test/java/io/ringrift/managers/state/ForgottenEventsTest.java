package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A reader that comes back to a place that was forgotten is told, and one whose place is kept is
/// not.
final class ForgottenEventsTest extends QueueBed {
  /// More than fit, each of nearly the greatest size.
  private void fill() {
    var batch = ApplyCommandsRequest.newBuilder();
    for (int i = 0; i < 50; i++) {
      batch.addCommands(
          Command.newBuilder()
              .setRecordEvent(
                  RecordEvent.newBuilder()
                      .setKind("CLUSTER_ALERT")
                      .setSubject("s")
                      .putAttributes("text", "x".repeat(8000))));
    }
    for (int i = 0; i < 22; i++) {
      var _ = StateServiceGrpc.newBlockingStub(channel).applyCommands(batch.build());
    }
  }

  private EventServiceGrpc.EventServiceBlockingStub events() {
    return EventServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /// The first two answers to a reader that stands behind an index.
  private WatchEventsResponse[] watch(long after) {
    var stream = events().watchEvents(WatchEventsRequest.newBuilder().setAfterIndex(after).build());
    return new WatchEventsResponse[] {stream.next(), stream.next()};
  }

  @Test
  void aReaderWhosePlaceWasForgottenIsToldOnce() {
    fill();
    var first = watch(1);
    long oldest =
        events().listEvents(ListEventsRequest.getDefaultInstance()).getEvents(0).getIndex();
    assertThat(oldest).isGreaterThan(2);
    assertThat(first[0].getTruncated()).isTrue();
    assertThat(first[0].getEvent().getIndex()).isEqualTo(oldest);
    assertThat(first[1].getTruncated()).isFalse();
  }

  @Test
  void aReaderWhosePlaceIsKeptIsNotTold() {
    fill();
    long oldest =
        events().listEvents(ListEventsRequest.getDefaultInstance()).getEvents(0).getIndex();
    assertThat(watch(oldest)[0].getTruncated()).isFalse();
  }

  @Test
  void nothingIsForgottenWhileThereIsRoom() {
    assertThat(watch(0)[0].getTruncated()).isFalse();
  }
}
