package io.ringrift.managers.job;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What is kept of one run: `order.pb` (before the start), `wrapper`, `pid` and `exit` (by run.sh),
/// `inputs` (paths of its input files), `stop` (cause of a stop under way), `abandoned`, `stdout`,
/// `stderr`, `ended.pb` (once its report is in the outbox). Blocks on the disk.
record RunFolder(Path path) {
  private static final String INPUTS = "inputs";

  /// Makes the folder with its order durable.
  static RunFolder create(Path runs, RunKey key, ProcessView accepted) {
    Path path = runs.resolve(key.folder());
    try {
      Files.createDirectories(path);
      DurableFile.write(path.resolve("order.pb"), accepted.toByteArray());
      DurableFiles.sync(runs);
    } catch (IOException e) {
      throw DurableFile.failed("make the run folder " + path, e);
    }
    return new RunFolder(path);
  }

  /// The order as accepted; empty when the node died before it was durable.
  Optional<ProcessView> accepted() {
    return view("order.pb");
  }

  /// The end; empty while it is not over or not in the outbox.
  Optional<ProcessView> ended() {
    return view("ended.pb");
  }

  void writeEnded(ProcessView end) {
    DurableFile.write(path.resolve("ended.pb"), end.toByteArray());
  }

  Optional<ProcTable.Identity> wrapper() {
    return ProcTable.Identity.parse(lines("wrapper"));
  }

  Optional<ProcTable.Identity> process() {
    return ProcTable.Identity.parse(lines("pid"));
  }

  /// Exit code as the shell tells it: 128 + n for signal n.
  OptionalInt exitCode() {
    var lines = lines("exit");
    try {
      return lines.isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of(Integer.parseInt(lines.getFirst().strip()));
    } catch (NumberFormatException e) {
      return OptionalInt.of(-1);
    }
  }

  Optional<String> stopCause() {
    return lines("stop").stream().findFirst();
  }

  void writeStop(String cause) {
    DurableFile.write(path.resolve("stop"), cause.getBytes(StandardCharsets.UTF_8));
  }

  /// From here on the process may no longer begin.
  void abandon() {
    DurableFile.write(path.resolve("abandoned"), new byte[0]);
  }

  /// The file that `{inputs}` names.
  static Path inputs(Path runs, RunKey key) {
    return runs.resolve(key.folder()).resolve(INPUTS);
  }

  /// Paths of the inputs, a line each. Not forced to the disk: the process that reads it begins
  /// after this and would not outlive the machine either.
  void writeInputs(List<String> paths) {
    Path list = path.resolve(INPUTS);
    try {
      Files.write(list, paths);
    } catch (IOException e) {
      throw DurableFile.failed("write " + list, e);
    }
  }

  LogFile log(String stream) {
    return new LogFile(path, stream);
  }

  long logBytes() {
    return log("stdout").end() + log("stderr").end();
  }

  /// Removes the folder; what cannot be removed stays for the next time.
  void delete() {
    try (var files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw DurableFile.failed("delete " + path, e);
    }
  }

  private Optional<ProcessView> view(String name) {
    try {
      return Optional.of(ProcessView.parseFrom(Files.readAllBytes(path.resolve(name))));
    } catch (NoSuchFileException | InvalidProtocolBufferException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw DurableFile.failed("read " + path.resolve(name), e);
    }
  }

  private List<String> lines(String name) {
    try {
      return Files.readAllLines(path.resolve(name));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw DurableFile.failed("read " + path.resolve(name), e);
    }
  }
}
