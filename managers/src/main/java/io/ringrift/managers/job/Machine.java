package io.ringrift.managers.job;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What this machine has and how busy it is. Each question costs a file read or two; any thread.
final class Machine {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path LOADAVG = Path.of("/proc/loadavg");

  private static final Path STAT = Path.of("/proc/stat");
  private static final Pattern PROCESSOR = Pattern.compile("cpu[0-9]+ .*");

  private final Path dataDir;
  private final int hostCpus = hostCpus(STAT);
  private final OperatingSystemMXBean machine =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /// @param dataDir data root, made if it is not there
  Machine(Path dataDir) {
    this.dataDir = dataDir;
  }

  /// How busy it is; percents are 0..100.
  ///
  /// @param load1PerCpu one-minute load average per processor; 0 where it is not told, as in a
  ///   container
  /// @param writable whether the data root can be written to
  record Load(double diskPercent, double memoryPercent, double load1PerCpu, boolean writable) {}

  Load load() {
    // First: a folder that is not there yet is made.
    double disk = diskPercent();
    return new Load(
        disk, memoryPercent(), perCpu(loads()[0], cpus(), hostCpus), Files.isWritable(dataDir));
  }

  /// The load average is that of the host: who may use fewer processors than it has cannot tell
  /// what of it is its own.
  ///
  /// @param hostCpus 0 when not known
  static double perCpu(double load, int cpus, int hostCpus) {
    return cpus < hostCpus ? 0 : load / Math.max(1, cpus);
  }

  /// The host's processors; 0 when they are not told.
  static int hostCpus(Path stat) {
    try (var lines = Files.lines(stat)) {
      return (int) lines.filter(line -> PROCESSOR.matcher(line).matches()).count();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  int cpus() {
    return machine.getAvailableProcessors();
  }

  double cpuPercent() {
    return Math.max(0, 100 * machine.getCpuLoad());
  }

  long memoryBytes() {
    return machine.getTotalMemorySize();
  }

  double memoryPercent() {
    long total = memoryBytes();
    return total == 0 ? 0 : 100.0 * (total - Math.min(availableMemory(), total)) / total;
  }

  /// Load averages of one and of five minutes.
  double[] loads() {
    try {
      String[] words = Files.readString(LOADAVG).split(" ", -1);
      return new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1])};
    } catch (IOException | NumberFormatException e) {
      double load = Math.max(0, machine.getSystemLoadAverage());
      return new double[] {load, load};
    }
  }

  /// Memory that could be had, caches included; the bean's "free" leaves them out.
  private long availableMemory() {
    try (var lines = Files.lines(MEMINFO)) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
          .findFirst()
          .orElseGet(machine::getFreeMemorySize);
    } catch (IOException e) {
      return machine.getFreeMemorySize();
    }
  }

  /// Used share of the data root's disk, 0..100.
  double diskPercent() {
    try {
      if (!Files.isDirectory(dataDir)) {
        Files.createDirectories(dataDir);
      }
      var store = Files.getFileStore(dataDir);
      long total = store.getTotalSpace();
      return total == 0 ? 0 : 100.0 * (total - store.getUsableSpace()) / total;
    } catch (IOException e) {
      throw DurableFile.failed("read the use of the disk of " + dataDir, e);
    }
  }

  /// Free bytes of the data root's disk.
  long diskFree() {
    try {
      return Files.getFileStore(dataDir).getUsableSpace();
    } catch (IOException e) {
      throw DurableFile.failed("read the use of the disk of " + dataDir, e);
    }
  }
}
