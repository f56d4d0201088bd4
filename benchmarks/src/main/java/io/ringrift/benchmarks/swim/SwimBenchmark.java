package io.ringrift.benchmarks.swim;

import io.ringrift.benchmarks.Goals;
import io.ringrift.benchmarks.swim.Makers.Ours;
import io.ringrift.benchmarks.swim.Makers.Serf;
import io.ringrift.benchmarks.swim.Seen.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Members of SWIM on loopback beside agents of serf: time to see all at a start, what a member
/// costs at rest, time from kill -9 of one to dead at all others, time from its start to joined at
/// all others. With `--silent` that one stands still before it is killed. Ours and serf's take
/// turns.
@Command(
    name = "swim",
    description = "Detection, join and cost of SWIM members beside serf's agents.",
    mixinStandardHelpOptions = true)
public final class SwimBenchmark implements Callable<Integer> {
  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final Duration LONGEST_DETECTION = Duration.ofSeconds(90);

  @Option(names = "--nodes", split = ",", description = "Members (default 10,30,50).")
  List<Integer> nodes = List.of(10, 30, 50);

  @Option(names = "--rounds", defaultValue = "3", description = "Turns of each (default 3).")
  int rounds = 3;

  @Option(names = "--kills", defaultValue = "3", description = "Kills in a turn (default 3).")
  int kills = 3;

  @Option(names = "--seconds", defaultValue = "15", description = "Time at rest (default 15).")
  int seconds = 15;

  @Option(names = "--timing", defaultValue = "lan", description = "lan or local (default lan).")
  String timing = "lan";

  @Option(
      names = "--per-process",
      defaultValue = "49",
      description = "Members of ours that share a JVM; the one to kill never does (default 49).")
  int perProcess = 49;

  @Option(
      names = "--silent",
      description = "The member falls silent (SIGSTOP) instead of dying by kill -9.")
  boolean silent;

  @Option(names = "--without-serf", description = "Ours alone.")
  boolean withoutSerf;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var makers = new ArrayList<Makers>(List.of(new Ours(perProcess)));
    if (!withoutSerf) {
      makers.add(new Serf());
    }
    for (int members : nodes) {
      var figures = makers.stream().map(_ -> new ArrayList<Figures>()).toList();
      for (int round = 1; round <= rounds; round++) {
        for (int i = 0; i < makers.size(); i++) {
          Makers maker = makers.get(i);
          Figures turn = turn(out, maker, members);
          figures.get(i).add(turn);
          print(out, members, "round " + round + " " + maker.title(), turn.toString());
        }
      }
      var ours = Figures.median(figures.getFirst());
      print(out, members, "median " + makers.getFirst().title(), ours.toString());
      Optional<Figures> serfs = Optional.empty();
      if (!withoutSerf) {
        var serf = Figures.median(figures.getLast());
        print(out, members, "median " + makers.getLast().title(), serf.toString());
        print(out, members, "ringrift / serf", ours.ratio(serf));
        serfs = Optional.of(serf);
      }
      judge(out, members, ours, serfs);
    }
    return 0;
  }

  private void judge(PrintWriter out, int members, Figures ours, Optional<Figures> serf) {
    String who = "ringrift, N = " + members;
    var goals = new Goals();
    if (silent) {
      goals.atMost(
          "6b silent to dead at all, s" + meant(members, 50), who, ours.detectedLast(), 2.5);
      serf.ifPresent(
          peer ->
              goals.atMost(
                  "6b deaths of the living, beside serf's" + meant(members, 50),
                  who,
                  ours.falseDeaths(),
                  peer.falseDeaths()));
    } else {
      goals
          .atMost("6a killed to dead at all, s", who, ours.detectedLast(), 0.5)
          .atMost("6a deaths of the living", who, ours.falseDeaths(), 0);
    }
    goals
        .atMost("6c joined at the last, s", who, ours.joinedLast(), 0.3)
        .atMost("6d % of a core a member" + meant(members, 100), who, ours.cpu(), 0.5)
        .atMost("6d packets/s a member" + meant(members, 100), who, ours.packets(), 12)
        .print(out);
  }

  private static String meant(int members, int goal) {
    return members == goal ? "" : " (the goal is for N = " + goal + ")";
  }

  private static void print(PrintWriter out, int members, String what, String text) {
    out.printf(Locale.ROOT, "N=%d %s: %s%n", members, what, text);
    out.flush();
  }

  private Figures turn(PrintWriter out, Makers maker, int members) throws Exception {
    try (var ending = new Ending();
        var lane = Lane.open();
        var swarm = new Swarm(maker, lane)) {
      ending.with(lane::close);
      ending.with(swarm::close);
      if (!lane.isOwn()) {
        out.println("no namespace of its own (needs root and ip): packets of others are counted");
      }
      var names = IntStream.rangeClosed(1, members).mapToObj(MemberHost::name).toList();
      Seen seen = swarm.seen();
      long start = System.nanoTime();
      swarm.start(members, timing);
      boolean whole = seen.await(() -> seen.allKnow(names, members - 1), LONGEST_START);
      double joinedAll = whole ? (System.nanoTime() - start) / 1e9 : Double.NaN;
      rest();
      var figures = new Figures.Builder(joinedAll);
      costs(swarm, members, figures);
      for (int kill = 0; kill < kills; kill++) {
        killAndReturn(swarm, members, figures);
      }
      figures.falseDeaths(seen.falseDeaths(Set.of(MemberHost.name(members)), start));
      return figures.build();
    }
  }

  private void costs(Swarm swarm, int members, Figures.Builder figures) throws IOException {
    var pids = swarm.pids();
    long one = pids.iterator().next();
    long ticks = Lane.ticks(pids);
    long packets = Lane.packets(one);
    long start = System.nanoTime();
    rest();
    double elapsed = (System.nanoTime() - start) / 1e9;
    figures.cost(
        (Lane.ticks(pids) - ticks) / elapsed / members,
        Lane.residentMib(pids) / members,
        (Lane.packets(one) - packets) / elapsed / members);
  }

  private void killAndReturn(Swarm swarm, int members, Figures.Builder figures)
      throws IOException, InterruptedException {
    String name = MemberHost.name(members);
    Seen seen = swarm.seen();
    long killed = silent ? swarm.silence(members) : swarm.kill(members);
    seen.await(
        () -> seen.seconds(Kind.DEAD, name, killed).size() >= members - 1, LONGEST_DETECTION);
    figures.detection(seen.seconds(Kind.DEAD, name, killed), members - 1);
    if (silent) {
      swarm.kill(members);
    }
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
    long launched = System.nanoTime();
    swarm.start(List.of(members), timing);
    seen.await(
        () -> seen.seconds(Kind.JOINED, name, launched).size() >= members - 1, LONGEST_DETECTION);
    var up = seen.seconds(Kind.UP, name, launched);
    figures.join(
        seen.seconds(Kind.JOINED, name, launched),
        up.isEmpty() ? Double.NaN : up.getFirst(),
        members - 1);
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
  }

  private void rest() {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
  }
}
