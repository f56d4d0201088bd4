package io.ringrift.kernel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  @Test
  void refusalGoesThroughAStatusWithItsReasonAndDetails() {
    var refusal = new Refusal(Reason.NOT_LEADER, "ask n2").with("leader_id", "n2");
    var back = Errors.fromStatus(Errors.toStatus(refusal));
    assertThat(back.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(back.details()).containsEntry("leader_id", "n2");
  }

  @Test
  void connectionThatEndedInTheMiddleOfACallIsNoFaultOfTheServer() {
    var ended =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    assertThat(Errors.fromStatus(ended.asRuntimeException()).reason())
        .isEqualTo(Reason.UNREACHABLE);
  }

  @Test
  void unknownStatusWithoutThatCauseIsAFault() {
    assertThat(Errors.fromStatus(Status.UNKNOWN.asRuntimeException()).reason())
        .isEqualTo(Reason.INTERNAL);
  }
}
