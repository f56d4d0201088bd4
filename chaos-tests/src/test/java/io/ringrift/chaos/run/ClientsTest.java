package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.SubmitWorkResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class ClientsTest {
  private static final int ROOM = 60_000;

  private static Work work(int clients, long paceMillis) {
    return new Work(clients, Set.of("queue"), 0, Duration.ofMillis(paceMillis));
  }

  /// @return how many operations there are at the end, where a call takes 5 ms
  private static int operations(Work work, Duration length) {
    double done = 0;
    for (double seconds = 0; seconds < length.toSeconds() + 100; seconds += 0.1) {
      Duration pause = Clients.pause(work, length, ROOM - (int) done);
      done += 0.1 * work.clients() / (pause.toNanos() / 1e9 + 0.005);
    }
    return (int) done;
  }

  @Test
  void theHistoryOfALongRunIsNeverFull() {
    Duration longest = Runner.longest(3);
    for (Work work : new Work[] {work(32, 0), work(12, 10), work(4, 40)}) {
      assertThat(operations(work, longest)).isBetween(ROOM / 2, ROOM - 1);
    }
  }

  @Test
  void aShortRunIsAsQuickAsItsScenarioSays() {
    assertThat(Clients.pause(work(4, 40), Duration.ofSeconds(30), ROOM))
        .isEqualTo(Duration.ofMillis(40));
    assertThat(Clients.pause(work(12, 10), Duration.ofMinutes(5), ROOM / 2))
        .isGreaterThan(Duration.ofMillis(10));
  }

  /// As a build whose answers are broken might do.
  private static final class NoItem extends QueueServiceGrpc.QueueServiceImplBase {
    @Override
    public void submitWork(SubmitWorkRequest request, StreamObserver<SubmitWorkResponse> to) {
      to.onNext(SubmitWorkResponse.getDefaultInstance());
      to.onCompleted();
    }

    @Override
    public void claimWork(ClaimWorkRequest request, StreamObserver<ClaimWorkResponse> to) {
      to.onNext(ClaimWorkResponse.getDefaultInstance());
      to.onCompleted();
    }
  }

  @Test
  void aClientThatDiesOfAnAnswerIsTold() throws Exception {
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new NoItem())
            .build()
            .start();
    var at = Map.of("n1", new Endpoint("127.0.0.1", server.getPort()));
    var setup =
        new Clients.Setup("", at, Optional.empty(), Duration.ofMinutes(1), Path.of("none"), 1);
    var history = new History(new RunClock(Ticker.system()), ROOM);
    var told = new CopyOnWriteArrayList<String>();
    try (var clients = new Clients(setup, work(2, 1), history)) {
      clients.start(work(2, 1), Duration.ofSeconds(1), told::add);
      await().until(() -> told.size() == 2);
    } finally {
      server.shutdownNow();
    }
    assertThat(told).allMatch(why -> why.contains("IndexOutOfBoundsException"));
  }

  @Test
  void whoEndsDoesNotWaitForLong() {
    assertThat(Clients.pause(work(4, 40), Duration.ofHours(1), 0)).isEqualTo(Duration.ofSeconds(5));
  }
}
