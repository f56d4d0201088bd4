package io.ringrift.managers.job;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What a node's supervisor needs to know.
///
/// @param stateDir folder of this node alone; runs live in its `runs`
/// @param dataDir data root; outputs live below it
/// @param capabilities job types that this node accepts
/// @param allowExec whether argv without a template may be run
/// @param maxJobs most live processes
/// @param guards from where on nothing begins here
/// @param stopGrace from TERM to KILL
/// @param defaultTimeout longest run of a job that sets none (SPEC 5.4)
/// @param logCapBytes a log file above this is copied aside and truncated
/// @param keepRuns ended runs kept
/// @param keepRunsFor longest time that an ended run is kept
/// @param claimWait longest wait of one claim for work
/// @param orphanInterval gap between orphan scans (SPEC 6, SelfHealing)
public record ProcessConfig(
    Path stateDir,
    Path dataDir,
    List<WorkloadTemplate> templates,
    List<String> capabilities,
    boolean allowExec,
    int maxJobs,
    Guards guards,
    Duration stopGrace,
    Duration defaultTimeout,
    long logCapBytes,
    int keepRuns,
    Duration keepRunsFor,
    Duration claimWait,
    Duration orphanInterval) {
  /// What has to be left before a process may begin (SPEC 5.4).
  ///
  /// @param spawnsPerMinute most starts within any minute
  /// @param diskPercent no start at or above this use of the data root's disk, 0..100
  /// @param memoryPercent no start at or above this use of the memory, 0..100
  /// @param loadPerCpu no start at or above this one-minute load average per processor
  public record Guards(
      int spawnsPerMinute, double diskPercent, double memoryPercent, double loadPerCpu) {
    /// Five starts a minute would be few for jobs of seconds, so there are more; a load of two
    /// waiting processes per processor is what placement goes by, too (SPEC 1.3).
    public static Guards spec() {
      return new Guards(120, 90, 80, 2);
    }

    /// For several nodes on one machine that is used for other things too: only a full disk or
    /// memory counts.
    public static Guards shared() {
      return new Guards(120, 95, 97, 1000);
    }
  }

  public ProcessConfig {
    templates = List.copyOf(templates);
    capabilities = List.copyOf(capabilities);
  }

  /// The defaults, for so many processors and these templates; every template's type is a
  /// capability.
  public static ProcessConfig defaults(
      Path stateDir, Path dataDir, List<WorkloadTemplate> templates, int processors) {
    return new ProcessConfig(
        stateDir,
        dataDir,
        templates,
        templates.stream().map(WorkloadTemplate::jobType).distinct().sorted().toList(),
        false,
        Math.max(1, processors),
        Guards.spec(),
        Duration.ofSeconds(10),
        Duration.ofHours(2),
        64L << 20,
        200,
        Duration.ofDays(7),
        Duration.ofSeconds(8),
        Duration.ofSeconds(60));
  }

  Path runsDir() {
    return stateDir.resolve("runs");
  }

  List<String> workloads() {
    return templates.stream().map(WorkloadTemplate::name).sorted().toList();
  }

  /// What this node asks the queue for: items with argv of their own go by the name `exec`.
  List<String> wanted() {
    return allowExec
        ? Stream.concat(workloads().stream(), Stream.of("exec")).distinct().toList()
        : workloads();
  }
}
