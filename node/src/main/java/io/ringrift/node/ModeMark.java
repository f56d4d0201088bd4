package io.ringrift.node;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Remembers, in the state folder, the mode of consensus that a running cluster changed to, the
/// epoch of that change, and what was configured then. While the configuration still says the same,
/// it is older than the change and the change wins; once it says something else, somebody meant it.
final class ModeMark {
  private static final Logger LOG = LoggerFactory.getLogger(ModeMark.class);

  private final Path file;

  ModeMark(Path stateFolder) {
    this.file = stateFolder.resolve("mode");
  }

  /// The mode to run in.
  ConsensusMode over(ConsensusMode configured) {
    Optional<Mark> mark = read();
    if (mark.isEmpty() || mark.get().configured() != configured) {
      return configured;
    }
    ConsensusMode mode = mark.get().mode();
    if (mode != configured) {
      LOG.warn(
          "the cluster changed its mode of consensus to {} while it ran; the configuration still"
              + " says {}: set RINGRIFT_CONSENSUS_MODE={}",
          name(mode),
          name(configured),
          name(mode));
    }
    return mode;
  }

  /// Epoch of the last change that this node followed; zero when there was none.
  Epoch epoch() {
    return read().map(Mark::epoch).orElse(Epoch.ZERO);
  }

  /// Durable when this returns.
  void changed(ConsensusMode to, Epoch epoch, ConsensusMode configured) {
    try {
      DurableFiles.write(file, name(to) + "\n" + name(configured) + "\n" + epoch + "\n");
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, file + " cannot be written: " + e, e);
    }
  }

  static Optional<ConsensusMode> mode(String name) {
    for (ConsensusMode mode : ConsensusMode.values()) {
      if (name(mode).equals(name)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  static String name(ConsensusMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private record Mark(ConsensusMode mode, ConsensusMode configured, Epoch epoch) {}

  private Optional<Mark> read() {
    try {
      return Files.exists(file) ? Optional.of(parse(Files.readAllLines(file))) : Optional.empty();
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, file + " cannot be read: " + e, e);
    }
  }

  private Mark parse(List<String> lines) {
    try {
      return new Mark(
          mode(lines.get(0)).orElseThrow(),
          mode(lines.get(1)).orElseThrow(),
          new Epoch(Long.parseLong(lines.get(2))));
    } catch (RuntimeException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          file
              + " must hold two modes of consensus and an epoch, a line each; delete it and set"
              + " RINGRIFT_CONSENSUS_MODE to the mode of the other nodes",
          e);
    }
  }
}
