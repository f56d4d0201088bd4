package io.ringrift.managers.state;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.AddWork;
import java.util.Optional;

/// Whether there is room for what a command adds. Every voter holds the same state, so one that
/// does not fit into memory would end all of them together and for good. What has ended is bounded
/// by forgetting the oldest; what has not ended must be kept, so it is bounded by taking no more.
/// The limit comes with the command, because replicas with other heaps must decide alike.
@Pure
final class Room {
  /// Largest spec of a job or an item in bytes.
  static final int MOST_SPEC_BYTES = 64 * 1024;

  /// Charged for each entity and for each name or text in it beside their bytes: objects and
  /// indexes around short texts weigh more than the texts.
  private static final int PER_ENTITY = 256;

  private static final int PER_TEXT = 64;

  private final JobTable jobs;
  private final WorkTable work;

  Room(JobTable jobs, WorkTable work) {
    this.jobs = jobs;
    this.work = work;
  }

  /// The refusal of a job that is too large by itself or for what is kept; empty when it fits.
  Optional<Decision> refuses(AddJob command) {
    int size = command.getSpec().getSerializedSize();
    if (size > MOST_SPEC_BYTES) {
      return Optional.of(
          Decision.invalid("spec", size + " bytes", "at most " + MOST_SPEC_BYTES + " bytes"));
    }
    return refuses(size + around(command.getSpec()), command.getByteLimit());
  }

  /// The refusal of items that are too large for what is kept; empty when they fit.
  Optional<Decision> refuses(AddWork command) {
    long added = 0;
    for (WorkSpec spec : command.getItemsList()) {
      added += spec.getSerializedSize() + around(spec);
    }
    return refuses(added, command.getByteLimit());
  }

  private Optional<Decision> refuses(long added, long limit) {
    long kept = jobs.keptWeight() + work.keptWeight();
    if (limit <= 0 || kept + added <= limit) {
      return Optional.empty();
    }
    return Optional.of(
        Decision.refused(
            Reason.BACKPRESSURE,
            "jobs and items that have not ended take "
                + kept
                + " of "
                + limit
                + " bytes and "
                + added
                + " more do not fit; wait for some to end or cancel some"));
  }

  static long weight(Job job) {
    return job.getSerializedSize()
        + around(job.getSpec())
        + (long) PER_TEXT * (job.getRefusedNodeIdsCount() + job.getGpuUuidsCount());
  }

  static long weight(WorkItem item) {
    return item.getSerializedSize()
        + around(item.getSpec())
        + (long) PER_ENTITY * item.getRefusalsCount();
  }

  private static long around(WorkSpec spec) {
    int texts = spec.getDependsOnCount() + spec.getExcludedNodeIdsCount();
    return PER_ENTITY + (long) PER_TEXT * texts + (spec.hasJob() ? around(spec.getJob()) : 0);
  }

  private static long around(JobSpec spec) {
    int texts =
        2 * (spec.getParamsCount() + spec.getInputsCount())
            + spec.getExecArgvCount()
            + spec.getExcludedNodeIdsCount();
    return PER_ENTITY + (long) PER_TEXT * texts;
  }
}
