package io.ringrift.managers.job;

import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The run folders on the disk: what a node finds when it starts, and how long ended runs are kept.
final class RunShelf {
  private static final Logger LOG = LoggerFactory.getLogger(RunShelf.class);

  private final Path runs;

  RunShelf(Path runs) {
    this.runs = runs;
  }

  /// Runs on the disk, ended ones closed, the others to be adopted. A folder without a durable
  /// order was never acknowledged and is removed.
  List<Run> load() {
    var found = new ArrayList<Run>();
    for (RunFolder folder : folders()) {
      Optional<ProcessView> accepted = folder.accepted();
      if (accepted.isEmpty()) {
        remove(folder);
        continue;
      }
      Optional<ProcessView> ended = folder.ended();
      var run = new Run(RunKey.of(accepted.get().getOrder()), ended.orElse(accepted.get()));
      run.placed(folder);
      if (ended.isPresent()) {
        run.closeBook();
      } else {
        run.starting(true);
      }
      found.add(run);
    }
    return found;
  }

  /// Removes ended runs above the count or the age.
  void trim(RunTable table, int keep, Duration keepFor, Instant now) {
    List<Run> ended =
        table.all().stream()
            .filter(run -> !run.live())
            .sorted(Comparator.comparing(RunShelf::changed).reversed())
            .toList();
    for (int i = 0; i < ended.size(); i++) {
      Run run = ended.get(i);
      if (i >= keep || changed(run).plus(keepFor).isBefore(now)) {
        table.forget(run);
        run.folder().ifPresent(RunShelf::remove);
      }
    }
  }

  private static Instant changed(Run run) {
    return run.folder()
        .map(RunFolder::path)
        .map(
            path -> {
              try {
                return Files.getLastModifiedTime(path).toInstant();
              } catch (IOException e) {
                // Removed by somebody: the oldest of all.
                return Instant.EPOCH;
              }
            })
        .orElse(Instant.EPOCH);
  }

  private static void remove(RunFolder folder) {
    try {
      folder.delete();
    } catch (Refusal e) {
      LOG.warn("{}; it stays until the next start", e.text());
    }
  }

  private List<RunFolder> folders() {
    try {
      Files.createDirectories(runs);
      try (var paths = Files.list(runs)) {
        return paths.filter(Files::isDirectory).sorted().map(RunFolder::new).toList();
      }
    } catch (IOException e) {
      throw DurableFile.failed("list " + runs, e);
    }
  }
}
