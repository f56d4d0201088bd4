package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class InboxTest {
  private final Inbox inbox = new Inbox(100);

  private static Work offer(int bytes) {
    return new Work.Offer(new Epoch(1), new byte[bytes], new CompletableFuture<>());
  }

  private static Work snapshot(int bytes) {
    return new Work.Peer(
        new NodeId("n1"),
        new Message.InstallSnapshot(new Epoch(1), LogPosition.START, new byte[bytes]));
  }

  @Test
  void whatExceedsTheBytesIsRefusedUntilSomeAreTaken() throws InterruptedException {
    assertThat(inbox.offer(offer(60))).isTrue();
    assertThat(inbox.offer(offer(41))).isFalse();
    assertThat(inbox.offer(offer(40))).isTrue();
    assertThat(inbox.offer(new Work.Wake())).isTrue();
    var taken = new ArrayList<Work>();
    inbox.take(taken, 10, Duration.ZERO);
    assertThat(taken).hasSize(3);
    assertThat(inbox.offer(offer(100))).isTrue();
  }

  @Test
  void messageLargerThanTheBoundComesThroughWhileNothingOfWeightWaits() {
    inbox.offer(new Work.Wake());
    assertThat(inbox.offer(snapshot(500))).isTrue();
    assertThat(inbox.offer(snapshot(500))).isFalse();
    assertThat(inbox.offer(offer(1))).isFalse();
    inbox.takeAll(new ArrayList<>());
    assertThat(inbox.offer(snapshot(500))).isTrue();
  }

  @Test
  void groupsOfCommandsAreBoundedInNumberAndBytes() {
    List<byte[]> small = IntStream.range(0, 600).mapToObj(_ -> new byte[1]).toList();
    assertThat(Work.groupEnd(small, 0)).isEqualTo(512);
    assertThat(Work.groupEnd(small, 512)).isEqualTo(600);
    List<byte[]> large = IntStream.range(0, 4).mapToObj(_ -> new byte[700 << 10]).toList();
    assertThat(Work.groupEnd(large, 0)).isEqualTo(2);
    assertThat(Work.groupEnd(large, 2)).isEqualTo(4);
  }
}
