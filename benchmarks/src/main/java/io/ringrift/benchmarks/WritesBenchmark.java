package io.ringrift.benchmarks;

import io.grpc.MethodDescriptor;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Small writes, each durable on a majority of three before its answer: ours is an event of 200
/// bytes through `StateService.ApplyCommand`, etcd's a put of 200 bytes over 1,000 keys. Both
/// through the same gRPC client, one unary call a write, at the leader; ours also with the writes
/// that gather while a call is under way in the next one.
@picocli.CommandLine.Command(
    name = "writes",
    description = "Replicated writes beside etcd's.",
    mixinStandardHelpOptions = true)
final class WritesBenchmark implements Callable<Integer> {
  static final int VALUE_BYTES = 200;
  static final int KEYS = 1000;
  private static final String RATIS = "Ratis alone";
  private static final String ECHO = "an echo";
  private static final String DISK = "256 bytes synchronised";

  @Mixin LoadOptions options = new LoadOptions();

  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "1,16,64,256",
      description = "Writes under way at once (default 1,16,64,256).")
  List<Integer> outstanding = List.of(1, 16, 64, 256);

  @Option(
      names = "--limits",
      description =
          "Also what this machine allows: Ratis without us, a call without Ratis, the disk alone.")
  boolean limits;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var figures = new Figures("writes", "outstanding");
    var ours = new ArrayList<String>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var entrants = new ArrayList<Contest.Entrant>();
      for (String mode : options.modes) {
        var cluster = systems.ringrift(mode);
        for (var entrant : List.of(gathered(cluster), ours(cluster))) {
          ours.add(entrant.name());
          entrants.add(entrant);
        }
      }
      systems.etcd().ifPresent(etcd -> entrants.add(theirs(etcd)));
      if (limits) {
        entrants.addAll(limits(systems.ratisAlone()));
      }
      new Contest(out, options, figures).run(entrants, outstanding);
      if (limits) {
        var disk = lab.folder("disk");
        figures.add(DISK, 1, SyncedLog.run(disk, 1, options.measured()));
        figures.add(DISK + ", in three files", 1, SyncedLog.run(disk, 3, options.measured()));
      }
    }
    figures.print(out, ours, List.of("etcd", RATIS, ECHO));
    var goals = new Goals();
    ours.forEach(own -> judge(goals, own, figures));
    goals.print(out);
    return 0;
  }

  private static void judge(Goals goals, String own, Figures figures) {
    figures
        .median(own, 1)
        .ifPresent(
            rates ->
                goals
                    .atLeast("1a writes/s, 1 outstanding", own, rates.perSecond(), 1_900)
                    .atMost("1a p50 ms", own, rates.p50(), 0.5));
    figures
        .median(own, 64)
        .ifPresent(
            rates ->
                goals
                    .atLeast("1b writes/s, 64 outstanding", own, rates.perSecond(), 20_000)
                    .atMost("1b p99 ms", own, rates.p99(), 20));
    figures
        .median(own, 256)
        .ifPresent(
            rates ->
                goals
                    .atLeast("1c writes/s, 256 outstanding", own, rates.perSecond(), 40_000)
                    .atMost("1c server CPU µs each", own, rates.serverMicros(), 48));
  }

  private static Command event() {
    return Command.newBuilder()
        .setRecordEvent(
            RecordEvent.newBuilder()
                .setKind("BENCH_WRITE")
                .putAttributes("value", "x".repeat(VALUE_BYTES)))
        .build();
  }

  private static Contest.Entrant gathered(RingriftCluster cluster) {
    var event = event();
    return new Contest.Entrant(
        cluster.name() + ", many a call",
        () -> {
          var writes = new GatheredWrites(cluster.leader());
          return _ -> writes.write(event);
        },
        cluster.pids());
  }

  private static Contest.Entrant ours(RingriftCluster cluster) {
    var request = ApplyCommandRequest.newBuilder().setCommand(event()).build();
    return new Contest.Entrant(
        cluster.name(),
        () -> {
          var channel = cluster.leader();
          return _ -> Calls.unary(channel, StateServiceGrpc.getApplyCommandMethod(), request);
        },
        cluster.pids());
  }

  private static Contest.Entrant theirs(EtcdCluster etcd) {
    var puts = new ArrayList<byte[]>();
    for (int key = 0; key < KEYS; key++) {
      puts.add(EtcdWire.put(EtcdWire.bytes("k" + key), new byte[VALUE_BYTES]));
    }
    return new Contest.Entrant(
        "etcd",
        () -> {
          var channel = etcd.leader();
          return n -> Calls.unary(channel, EtcdWire.PUT, puts.get((int) (n % KEYS)));
        },
        etcd.pids());
  }

  private static List<Contest.Entrant> limits(RatisAloneCluster cluster) {
    byte[] value = new byte[VALUE_BYTES];
    return List.of(
        limit(RATIS, cluster, RatisAlone.WRITE, value),
        limit(ECHO, cluster, RatisAlone.ECHO, value));
  }

  private static Contest.Entrant limit(
      String name,
      RatisAloneCluster cluster,
      MethodDescriptor<byte[], byte[]> method,
      byte[] value) {
    return new Contest.Entrant(
        name,
        () -> {
          var channel = cluster.leader();
          return _ -> Calls.unary(channel, method, value);
        },
        cluster.pids());
  }
}
