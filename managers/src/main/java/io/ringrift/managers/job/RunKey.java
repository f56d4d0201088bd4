package io.ringrift.managers.job;

import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.kernel.Refusal;
import java.util.Comparator;
import java.util.regex.Pattern;

/// One try at a job. The token is part of it because an attempt that was taken back may be given
/// out again under the same number.
record RunKey(String jobId, int attempt, long token) implements Comparable<RunKey> {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");
  private static final Comparator<RunKey> ORDER =
      Comparator.comparing(RunKey::jobId)
          .thenComparingInt(RunKey::attempt)
          .thenComparing(RunKey::token, Long::compareUnsigned);

  /// @throws Refusal INVALID_ARGUMENT for an id that is no file name, or an attempt below 1
  RunKey {
    if (!ID.matcher(jobId).matches()) {
      throw Refusal.invalid("job_id", jobId, "1 to 100 of A-Z a-z 0-9 _ -");
    }
    if (attempt < 1) {
      throw Refusal.invalid("attempt", Integer.toString(attempt), "1 or greater");
    }
  }

  static RunKey of(ProcessOrder order) {
    return new RunKey(order.getJobId(), order.getAttempt(), order.getClaimToken());
  }

  String folder() {
    return jobId + "." + attempt + "." + Long.toUnsignedString(token);
  }

  boolean isOlderThan(RunKey other) {
    return Long.compareUnsigned(token, other.token) < 0;
  }

  @Override
  public int compareTo(RunKey other) {
    return ORDER.compare(this, other);
  }
}
