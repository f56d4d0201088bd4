package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.server.RaftServerConfigKeys.Log.Appender;
import org.junit.jupiter.api.Test;

final class RaftTuningTest {
  private static RetryPolicy pauses(Duration election) {
    var config =
        new RaftConfig("127.0.0.1", 4_001, election, 10, 1_000, 192L << 20, Optional.empty());
    var properties = RaftTuning.properties(config, Path.of("raft"));
    return RetryPolicy.parse(Appender.retryPolicy(properties), Appender.RETRY_POLICY_KEY);
  }

  /// Ratis' own pauses grow to five seconds, in which a follower that came back hears nobody.
  @Test
  void aFollowerThatDoesNotAnswerIsTriedAgainWithinOneElectionTimeout() {
    for (Duration election : List.of(Duration.ofMillis(100), Duration.ofMillis(500))) {
      var pauses = pauses(election);
      for (int errors : List.of(1, 10, 11, 30, 31, 1_000, 1_000_000)) {
        var action = pauses.handleAttemptFailure(() -> errors);
        assertThat(action.shouldRetry()).isTrue();
        assertThat(action.getSleepTime().toLong(TimeUnit.MILLISECONDS))
            .as("pause behind %s errors", errors)
            .isLessThanOrEqualTo(election.toMillis());
      }
    }
  }
}
