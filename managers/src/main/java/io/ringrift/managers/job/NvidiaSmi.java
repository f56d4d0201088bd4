package io.ringrift.managers.job;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// GPUs as `nvidia-smi` tells them. Asked at most every ten seconds; a machine without the program
/// is asked again every five minutes, because a driver may be installed under a running node.
public final class NvidiaSmi implements GpuInventory {
  private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);
  private static final Duration FRESH = Duration.ofSeconds(10);
  private static final Duration ABSENT = Duration.ofMinutes(5);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<String> command;
  private final Ticker ticker;
  private volatile List<Device> devices = List.of();
  private volatile Moment next = Moment.MIN;

  public NvidiaSmi(Ticker ticker) {
    this(
        List.of(
            "nvidia-smi",
            "--query-gpu=uuid,name,memory.total,utilization.gpu,memory.used",
            "--format=csv,noheader,nounits"),
        ticker);
  }

  NvidiaSmi(List<String> command, Ticker ticker) {
    this.command = command;
    this.ticker = ticker;
  }

  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public void refresh() throws InterruptedException {
    Moment now = ticker.now();
    if (now.isBefore(next)) {
      return;
    }
    next = now.plus(FRESH);
    try {
      ask();
    } catch (IOException e) {
      devices = List.of();
      next = now.plus(ABSENT);
    }
  }

  private void ask() throws IOException, InterruptedException {
    Path answer = Files.createTempFile("gpus", ".csv");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(answer.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        LOG.warn("nvidia-smi did not answer within {}; the last known GPUs are kept", PATIENCE);
      } else if (process.exitValue() != 0) {
        LOG.warn("nvidia-smi ended with {}; no GPU is used", process.exitValue());
        devices = List.of();
      } else {
        devices = parse(Files.readString(answer, StandardCharsets.UTF_8));
      }
    } finally {
      Files.deleteIfExists(answer);
    }
  }

  /// Reads the answer; a line that is no GPU is passed over, a figure that is not told is 0.
  static List<Device> parse(String csv) {
    var found = new ArrayList<Device>();
    for (String line : csv.lines().toList()) {
      String[] cells = line.split(",", -1);
      if (cells.length >= 5 && cells[0].strip().startsWith("GPU-")) {
        double total = figure(cells[2]);
        double used = figure(cells[4]);
        found.add(
            new Device(
                cells[0].strip(),
                cells[1].strip(),
                (long) total << 20,
                figure(cells[3]),
                total == 0 ? 0 : 100 * used / total));
      }
    }
    return List.copyOf(found);
  }

  private static double figure(String cell) {
    try {
      return Double.parseDouble(cell.strip());
    } catch (NumberFormatException e) {
      // "[N/A]" and "[Not Supported]" are how nvidia-smi leaves a cell open.
      return 0;
    }
  }
}
