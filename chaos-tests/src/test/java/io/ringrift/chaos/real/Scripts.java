package io.ringrift.chaos.real;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Shell workloads whose whole life the tests can see: each start and each end leaves a line in a
/// file, and a gate file lets them end.
final class Scripts {
  /// Waits for `{gate}`.
  static final String GATED = "gated";

  /// Its first attempt kills itself.
  static final String DIES_ONCE = "dies-once";

  /// Has a child, and a grandchild in a session of its own.
  static final String TREE = "tree";

  /// Trains, but its first attempt stands still once three epochs are kept.
  static final String TRAIN_STOPS = "train-stops";

  static final String CONFIG =
      """
      loops:
        manifest_collection: {interval: 2s}
        data_sync: {interval: 2s}
      workloads:
        train-stops:
          job_type: training
          argv:
            - /bin/sh
            - -c
            - |
              checkpoints="$1" && shift
              "$@" & trainer=$!
              if [ "$RINGRIFT_ATTEMPT" = 1 ]; then
                until ls "$checkpoints"_e00*[3-9].checkpoint >/dev/null 2>&1; do sleep 0.02; done
                kill -STOP "$trainer"
                echo "$$" >>"$0.started" && echo "$trainer" >>"$0.started"
              fi
              wait "$trainer"
            - "{gate}"
            - "{data_dir}/training/{config_key}/{job_id}"
            - "{java}"
            - -Xmx256m
            - --enable-native-access=ALL-UNNAMED
            - -cp
            - "{workload_classpath}"
            - io.ringrift.workloads.hex.TrainMain
            - --board
            - "{board}"
            - --seed
            - "{seed}"
            - --root
            - "{data_dir}"
            - --data
            - selfplay
            - --files
            - "{inputs}"
            - --epochs
            - "60"
            - --model-out
            - "{output_dir}/{job_id}_{attempt}.bin"
            - --checkpoint-prefix
            - "training/{config_key}/{job_id}"
        gated:
          job_type: selfplay
          argv:
            - /bin/sh
            - -c
            - |
              echo "$$" >>"$0.started"
              echo "begun"
              until [ -e "$0" ]; do sleep 0.1; done
              echo "$$" >>"$0.ended"
            - "{gate}"
        dies-once:
          job_type: selfplay
          argv:
            - /bin/sh
            - -c
            - '[ "$RINGRIFT_ATTEMPT" = 1 ] && kill -9 $$; echo "attempt $RINGRIFT_ATTEMPT ends well"'
        tree:
          job_type: selfplay
          argv:
            - /bin/sh
            - -c
            - |
              sleep 300 & echo "$!" >>"$0.tree"
              setsid sh -c 'echo "$$" >>"$0.tree"; sleep 300' "$0" &
              echo "$$" >>"$0.tree"
              wait
            - "{gate}"
      """;

  private Scripts() {}

  static void open(Path gate) throws IOException {
    Files.createFile(gate);
  }

  static List<Long> started(Path gate) throws IOException {
    return pids(gate, ".started");
  }

  static List<Long> ended(Path gate) throws IOException {
    return pids(gate, ".ended");
  }

  static List<Long> tree(Path gate) throws IOException {
    return pids(gate, ".tree");
  }

  static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static List<Long> pids(Path gate, String suffix) throws IOException {
    Path file = gate.resolveSibling(gate.getFileName() + suffix);
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(Long::valueOf).toList()
        : List.of();
  }
}
