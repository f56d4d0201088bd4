package io.ringrift.managers.job;

import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The runs of this node: the one place where slots and GPUs are given out, under one short lock
/// without I/O. What is free is derived from the live runs, so it cannot drift from them.
final class RunTable {
  private static final int MOST_TOMBSTONES = 1000;

  private final TreeMap<RunKey, Run> runs = new TreeMap<>();

  /// Attempts that were stopped before their order came: the order may still be on its way.
  private final Map<String, Integer> tombstones = new LinkedHashMap<>();

  /// Answer to an order.
  sealed interface Admission {
    /// The attempt is known; nothing is started.
    record Known(Run run) implements Admission {}

    /// A new run, with those of the same job that it puts an end to.
    record Fresh(Run run, List<Run> superseded) implements Admission {}
  }

  /// The attempt if it is here; refuses one that something newer has overtaken.
  ///
  /// @throws Refusal STALE_CLAIM
  synchronized Optional<Run> known(RunKey key) {
    Run known = runs.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    if (key.attempt() <= tombstones.getOrDefault(key.jobId(), 0)) {
      throw stale(key, "it was stopped before its order came");
    }
    for (Run run : ofJob(key.jobId())) {
      if (key.isOlderThan(run.key())) {
        throw stale(key, "attempt " + run.key().attempt() + " with a newer claim is here");
      }
    }
    return Optional.empty();
  }

  /// Gives a slot and GPUs to a new attempt.
  ///
  /// @throws Refusal STALE_CLAIM, or NO_CAPACITY naming what is short
  synchronized Admission admit(
      ProcessOrder order, long epoch, int gpus, List<String> devices, int maxJobs) {
    RunKey key = RunKey.of(order);
    Optional<Run> known = known(key);
    if (known.isPresent()) {
      return new Admission.Known(known.get());
    }
    List<Run> superseded = ofJob(key.jobId()).stream().filter(Run::live).toList();
    int live = live().size() - superseded.size();
    if (live >= maxJobs) {
      throw new Refusal(
              Reason.NO_CAPACITY,
              "all " + maxJobs + " slots are taken; wait for a job to end or raise max_jobs")
          .with("short_of", "slots");
    }
    List<String> pinned = freeGpus(devices).stream().limit(gpus).toList();
    if (pinned.size() < gpus) {
      throw new Refusal(
              Reason.NO_CAPACITY,
              gpus
                  + " GPUs are asked for, "
                  + pinned.size()
                  + " of "
                  + devices.size()
                  + " are free")
          .with("short_of", "gpus");
    }
    var run =
        new Run(
            key,
            ProcessView.newBuilder()
                .setOrder(order)
                .setState(JobState.JOB_STATE_STARTING)
                .setEpoch(epoch)
                .addAllGpuUuids(pinned)
                .build());
    runs.put(key, run);
    return new Admission.Fresh(run, superseded);
  }

  /// Takes in what was found on the disk.
  synchronized void put(Run run) {
    runs.put(run.key(), run);
  }

  synchronized void forget(Run run) {
    runs.remove(run.key(), run);
  }

  /// Remembers a stop whose order is not here.
  synchronized void bury(String jobId, int attempt) {
    tombstones.merge(jobId, attempt, Math::max);
    if (tombstones.size() > MOST_TOMBSTONES) {
      tombstones.remove(tombstones.keySet().iterator().next());
    }
  }

  synchronized List<Run> all() {
    return List.copyOf(runs.values());
  }

  synchronized List<Run> live() {
    return runs.values().stream().filter(Run::live).toList();
  }

  /// Runs of one job, oldest first.
  synchronized List<Run> ofJob(String jobId) {
    var found = new ArrayList<Run>();
    for (Run run : runs.tailMap(new RunKey(jobId, 1, 0)).values()) {
      if (!run.key().jobId().equals(jobId)) {
        break;
      }
      found.add(run);
    }
    return found;
  }

  /// GPUs that no live run has, in the order of the devices.
  synchronized List<String> freeGpus(List<String> devices) {
    Set<String> taken = new HashSet<>();
    live().forEach(run -> taken.addAll(run.rawView().getGpuUuidsList()));
    return devices.stream().filter(device -> !taken.contains(device)).toList();
  }

  private static Refusal stale(RunKey key, String why) {
    return new Refusal(
            Reason.STALE_CLAIM,
            "order for attempt " + key.attempt() + " of " + key.jobId() + " refused: " + why)
        .with("job_id", key.jobId());
  }
}
