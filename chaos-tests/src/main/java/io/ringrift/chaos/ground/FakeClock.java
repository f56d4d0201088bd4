package io.ringrift.chaos.ground;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The clock of one node process, by libfaketime. What it says stands in a file of the node's
/// folder, which is read again and again while the node runs; whether it is there is decided when
/// the node starts. A jump moves the wall clock alone, as NTP would; a rate all clocks.
public final class FakeClock {
  /// Of Debian on this machine's kind of processor.
  private static final Path LIBRARY =
      Path.of(
          "aarch64".equals(System.getProperty("os.arch"))
              ? "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"
              : "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");

  private static final String WALL = "clock.wall";
  private static final String ALL = "clock.all";

  private FakeClock() {}

  /// Why it cannot be done here; empty when it can.
  public static Optional<String> obstacle() {
    return obstacle(LIBRARY);
  }

  static Optional<String> obstacle(Path library) {
    return Files.exists(library)
        ? Optional.empty()
        : Optional.of("install faketime: " + library + " is missing (Debian package faketime)");
  }

  /// The wall clock of a node is so far ahead from now on, and of each start of it.
  ///
  /// @param folder of the node
  /// @param by below zero it is behind
  public static void ahead(Path folder, Duration by) throws IOException {
    write(folder, WALL, "%+d".formatted(by.toSeconds()));
  }

  /// All clocks of the next start go so many thousandths fast.
  public static void fast(Path folder, int perMille) throws IOException {
    write(folder, ALL, "+0 x1." + "%03d".formatted(perMille));
  }

  /// The next start has true clocks.
  public static void right(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(ALL));
  }

  /// Never in part: the node may read at any moment.
  private static void write(Path folder, String name, String text) throws IOException {
    Path partial = folder.resolve(name + ".partial");
    Files.writeString(partial, text + "\n");
    Files.move(partial, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /// What a process needs to see its folder's clock; nothing where there is none.
  static Map<String, String> environment(Path folder) {
    boolean all = Files.exists(folder.resolve(ALL));
    if (!all && Files.notExists(folder.resolve(WALL))) {
      return Map.of();
    }
    obstacle()
        .ifPresent(
            why -> {
              throw new Refusal(Reason.SPAWN_FAILED, why);
            });
    var environment = new HashMap<String, String>();
    environment.put("LD_PRELOAD", LIBRARY.toString());
    environment.put("FAKETIME_TIMESTAMP_FILE", folder.resolve(all ? ALL : WALL).toString());
    environment.put("FAKETIME_CACHE_DURATION", "1");
    if (!all) {
      environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
      // Without it timed waits of the JVM return at once.
      environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }
    return environment;
  }
}
