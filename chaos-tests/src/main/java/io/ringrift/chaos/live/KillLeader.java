package io.ringrift.chaos.live;

import io.ringrift.chaos.ground.ChaosFolders;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Kills the leader of a real cluster with SIGKILL, again and again, under clients that submit,
/// claim, complete and read. The modes come from the environment, as for every node.
@Command(
    name = "kill-leader",
    description = "Kills the leader again and again under load; checks what clients were told.",
    mixinStandardHelpOptions = true)
public final class KillLeader implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofSeconds(90);
  private static final String ROOM = "queue: {soft_limit: 100000, hard_limit: 200000}\n";

  @Option(names = "--rounds", defaultValue = "20", description = "Kills (default 20).")
  int rounds = 20;

  @Option(names = "--nodes", defaultValue = "5", description = "Voters (default 5).")
  int nodes = 5;

  @Option(names = "--outstanding", defaultValue = "64", description = "Submits at once (64).")
  int outstanding = 64;

  @Option(
      names = "--most-items",
      defaultValue = "20000",
      description = "Submits in all, an equal part in each round; bounds the state (20000).")
  int mostItems = 20_000;

  @Spec CommandSpec spec = CommandSpec.create();

  private final Ticker ticker = Ticker.system();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Path folder = ChaosFolders.create();
    int code;
    try (var cluster =
        new LocalCluster(folder, LocalSetup.of(nodes, List.of(), 1).withConfig(ROOM))) {
      // Who is interrupted must not leave nodes behind.
      var hook = new Thread(cluster::close);
      Runtime.getRuntime().addShutdownHook(hook);
      for (String node : cluster.nodes()) {
        cluster.start(node);
      }
      code = run(cluster, out) ? 0 : 1;
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      out.println(e.getMessage());
      code = 1;
    } catch (Refusal refusal) {
      out.println("nothing is known of what held: " + refusal.text());
      code = 2;
    }
    if (code == 0) {
      var _ = ChaosFolders.remove(folder);
    } else {
      out.println("logs and data are kept in " + ChaosFolders.keep(folder));
    }
    out.flush();
    return code;
  }

  private boolean run(LocalCluster cluster, PrintWriter out) throws Exception {
    GetLeadershipResponse leader = awaitLeader(cluster, 0);
    try (var load = new Load(cluster.addresses(), outstanding);
        var client = new ClusterClient(cluster.addresses(), Optional.empty(), LONGEST)) {
      for (int round = 1; round <= rounds; round++) {
        int before = load.acknowledged();
        load.allow(Math.max(3 * outstanding, mostItems / rounds));
        await(() -> load.acknowledged() >= before + outstanding, "work");
        leader = kill(cluster, leader, load, round, out);
      }
      load.stop();
      List<String> broken = Verdict.of(load, client);
      broken.forEach(out::println);
      out.printf(
          Locale.ROOT,
          "%d kills, %d acknowledged, %d completed, %d linearizable reads, last epoch %d: %s%n",
          rounds,
          load.acknowledged(),
          load.completed(),
          load.reads(),
          leader.getEpoch(),
          broken.isEmpty() ? "everything held" : broken.size() + " violations");
      return broken.isEmpty();
    }
  }

  private GetLeadershipResponse kill(
      LocalCluster cluster, GetLeadershipResponse old, Load load, int round, PrintWriter out)
      throws InterruptedException, IOException {
    Moment start = ticker.now();
    cluster.kill(old.getLeaderId());
    int acknowledged = load.acknowledged();
    GetLeadershipResponse now = awaitLeader(cluster, old.getEpoch());
    Duration elected = ticker.now().since(start);
    await(() -> load.acknowledged() >= acknowledged + outstanding, "work");
    out.printf(
        Locale.ROOT,
        "round %d: %s of epoch %d killed; %s leads in epoch %d after %d ms, works after %d ms%n",
        round,
        old.getLeaderId(),
        old.getEpoch(),
        now.getLeaderId(),
        now.getEpoch(),
        elected.toMillis(),
        ticker.now().since(start).toMillis());
    out.flush();
    cluster.start(old.getLeaderId());
    await(() -> knowsLeader(cluster, old.getLeaderId(), now.getEpoch()), "the restarted node");
    return awaitLeader(cluster, now.getEpoch() - 1);
  }

  private GetLeadershipResponse awaitLeader(LocalCluster cluster, long after) {
    var found = new GetLeadershipResponse[1];
    await(
        () -> {
          for (String node : cluster.nodes()) {
            var seen = leadership(cluster, node);
            if (seen.isPresent()
                && seen.get().getLeaderId().equals(node)
                && seen.get().getEpoch() > after) {
              found[0] = seen.get();
              return true;
            }
          }
          return false;
        },
        "a leader behind epoch " + after);
    return found[0];
  }

  private static boolean knowsLeader(LocalCluster cluster, String node, long epoch) {
    return leadership(cluster, node)
        .filter(seen -> !seen.getLeaderId().isEmpty() && seen.getEpoch() >= epoch)
        .isPresent();
  }

  private static Optional<GetLeadershipResponse> leadership(LocalCluster cluster, String node) {
    if (!cluster.running(node)) {
      return Optional.empty();
    }
    try (var client =
        new ClusterClient(
            List.of(cluster.address(node)), Optional.empty(), Duration.ofMillis(500))) {
      return Optional.of(
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance())));
    } catch (Refusal starting) {
      return Optional.empty();
    }
  }

  private void await(BooleanSupplier condition, String what) {
    Moment end = ticker.now().plus(LONGEST);
    while (!condition.getAsBoolean()) {
      if (ticker.now().isAfter(end)) {
        throw new IllegalStateException("waited " + LONGEST + " for " + what + ", in vain");
      }
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
