package io.ringrift.workloads.hex;

import java.util.concurrent.CountDownLatch;

/// What a `main` runs and a signal ends: TERM asks the program to stop, and the process waits until
/// what it has is whole.
interface Program {
  int OK = 0;
  int FAILED = 1;
  int WRONG_USAGE = 2;

  /// Runs to the end or until stopped.
  ///
  /// @return the exit code, as if no signal had come
  int run();

  /// Asks for the end, from another thread. Returns at once.
  void stop();

  /// Runs and ends the process. After a signal the JVM exits with 128 plus its number by itself,
  /// unless the program failed.
  static void runToExit(Program program) {
    var result = new Result();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> result.endOrderly(program)));
    try {
      result.code = program.run();
    } finally {
      result.known.countDown();
    }
    if (!result.ending) {
      System.exit(result.code);
    }
  }

  /// Tells what is wrong with the command line and ends the process.
  static void refuse(String name, UsageException fault, String usage) {
    System.err.println(name + ": " + fault.getMessage());
    System.err.print(usage);
    System.exit(WRONG_USAGE);
  }

  /// The exit code, handed from the running thread to the shutdown hook.
  final class Result {
    private final CountDownLatch known = new CountDownLatch(1);
    private volatile int code = FAILED;
    private volatile boolean ending;

    private Result() {}

    private void endOrderly(Program program) {
      ending = true;
      program.stop();
      try {
        known.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (code == FAILED) {
        Runtime.getRuntime().halt(FAILED);
      }
    }
  }
}
