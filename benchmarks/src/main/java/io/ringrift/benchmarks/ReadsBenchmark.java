package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Reads of one of 1,000 values of 200 bytes at the leader: ours with LINEARIZABLE (a barrier of a
/// quorum) and with LEADER (the lease), etcd's with its read index.
@Command(
    name = "reads",
    description = "Linearizable reads beside etcd's.",
    mixinStandardHelpOptions = true)
final class ReadsBenchmark implements Callable<Integer> {
  private static final String LEASE = ", lease";
  private static final int BATCH = 100;

  @Mixin LoadOptions options = new LoadOptions();

  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "1,16,64,256",
      description = "Reads under way at once (default 1,16,64,256).")
  List<Integer> outstanding = List.of(1, 16, 64, 256);

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var figures = new Figures("reads", "outstanding");
    var entrants = new ArrayList<Contest.Entrant>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      for (String mode : options.modes) {
        entrants.addAll(ours(systems.ringrift(mode)));
      }
      List<String> ours = entrants.stream().map(Contest.Entrant::name).toList();
      systems.etcd().ifPresent(etcd -> entrants.add(theirs(etcd)));
      new Contest(out, options, figures).run(entrants, outstanding);
      figures.print(out, ours, List.of("etcd"));
      var goals = new Goals();
      ours.forEach(own -> judge(goals, own, figures));
      goals.print(out);
    }
    return 0;
  }

  private static void judge(Goals goals, String own, Figures figures) {
    figures
        .median(own, 256)
        .ifPresent(
            rates -> goals.atLeast("2a reads/s, 256 outstanding", own, rates.perSecond(), 100_000));
    figures
        .median(own, 1)
        .ifPresent(rates -> goals.atMost("2b p50 ms, 1 outstanding", own, rates.p50(), 0.1));
  }

  private static List<Contest.Entrant> ours(RingriftCluster cluster) {
    List<String> ids = submit(cluster.leader());
    return List.of(
        reader(cluster, "", requests(ids, ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)),
        reader(cluster, LEASE, requests(ids, ReadConsistency.READ_CONSISTENCY_LEADER)));
  }

  private static Contest.Entrant reader(
      RingriftCluster cluster, String kind, List<GetWorkRequest> requests) {
    return new Contest.Entrant(
        cluster.name() + kind,
        () -> {
          var channel = cluster.leader();
          return n ->
              Calls.unary(
                  channel,
                  QueueServiceGrpc.getGetWorkMethod(),
                  requests.get((int) (n % requests.size())));
        },
        cluster.pids());
  }

  private static List<GetWorkRequest> requests(List<String> ids, ReadConsistency level) {
    return ids.stream()
        .map(id -> GetWorkRequest.newBuilder().setWorkId(id).setReadConsistency(level).build())
        .toList();
  }

  private static List<String> submit(ManagedChannel channel) {
    var item =
        WorkSpec.newBuilder()
            .setWorkType("bench")
            .setPayload("x".repeat(WritesBenchmark.VALUE_BYTES))
            .build();
    var batch = SubmitWorkRequest.newBuilder();
    for (int i = 0; i < BATCH; i++) {
      batch.addItems(item);
    }
    var ids = new ArrayList<String>();
    while (ids.size() < WritesBenchmark.KEYS) {
      Calls.unary(channel, QueueServiceGrpc.getSubmitWorkMethod(), batch.build())
          .join()
          .getItemsList()
          .stream()
          .map(WorkItem::getWorkId)
          .forEach(ids::add);
    }
    return ids;
  }

  private static Contest.Entrant theirs(EtcdCluster etcd) {
    var channel = etcd.leader();
    var gets = new ArrayList<byte[]>();
    for (int i = 0; i < WritesBenchmark.KEYS; i++) {
      byte[] key = EtcdWire.bytes("k" + i);
      etcd.put(channel, key, new byte[WritesBenchmark.VALUE_BYTES]).join();
      gets.add(EtcdWire.get(key));
    }
    return new Contest.Entrant(
        "etcd",
        () -> {
          var leader = etcd.leader();
          return n -> Calls.unary(leader, EtcdWire.RANGE, gets.get((int) (n % gets.size())));
        },
        etcd.pids());
  }
}
