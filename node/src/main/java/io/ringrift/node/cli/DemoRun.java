package io.ringrift.node.cli;

import io.grpc.Channel;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.Role;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListJobsRequest;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The demo's story: elect, spawn, kill the leader, finish anyway, verify. Everything goes through
/// the public API. One thread.
final class DemoRun {
  private static final Duration CALL = Duration.ofSeconds(2);

  private final LocalCluster cluster;
  private final DemoPlan plan;
  private final Consumer<String> tell;
  private final List<String> problems = new ArrayList<>();
  private final long started = System.nanoTime();

  /// @param tell prints one line of progress
  DemoRun(LocalCluster cluster, DemoPlan plan, Consumer<String> tell) {
    this.cluster = cluster;
    this.plan = plan;
    this.tell = tell;
  }

  /// What to do.
  ///
  /// @param limit longest time for the whole story
  record DemoPlan(int jobs, int games, String board, String engine, Duration limit) {}

  DemoReport run() throws IOException, InterruptedException {
    for (String node : cluster.nodes()) {
      cluster.start(node);
    }
    Leader before = await("a leader", Duration.ofSeconds(30), () -> leader(Optional.empty()));
    tell.accept(before.node() + " leads in epoch " + before.epoch());
    awaitFacts();
    spawnJobs();
    awaitHalfway();
    tell.accept("kill -9 of the leader " + before.node());
    long killed = System.nanoTime();
    cluster.kill(before.node());
    firstWrite();
    double failover = secondsSince(killed);
    Leader after = await("a new leader", Duration.ofSeconds(30), () -> leader(Optional.of(before)));
    tell.accept(
        String.format(
            Locale.ROOT,
            "%s leads in epoch %d; first write acknowledged %.2f s after the kill",
            after.node(),
            after.epoch(),
            failover));
    cluster.start(before.node());
    tell.accept(before.node() + " is started again; it adopts the jobs that outlived it");
    List<Job> jobs = awaitJobs();
    checkJobs(jobs);
    VerifyFilesResponse verified = awaitIdentical();
    return report(before, after, failover, jobs, verified);
  }

  private record Leader(String node, long epoch) {}

  /// A leader that says so itself, in a greater epoch than the one before.
  private Optional<Leader> leader(Optional<Leader> before) {
    for (String node : cluster.nodes()) {
      Optional<GetLeadershipResponse> answer =
          ask(
              cluster.address(node),
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      if (answer.isPresent()
          && answer.get().getRole() == Role.ROLE_LEADER
          && before.map(b -> answer.get().getEpoch() > b.epoch()).orElse(true)) {
        return Optional.of(new Leader(node, answer.get().getEpoch()));
      }
    }
    return Optional.empty();
  }

  /// Jobs spread well only once the leader knows what every node can do.
  private void awaitFacts() throws IOException {
    await(
        "facts of every node",
        Duration.ofSeconds(20),
        () ->
            ask(c ->
                    PlacementServiceGrpc.newBlockingStub(c)
                        .listNodes(ListNodesRequest.getDefaultInstance()))
                .filter(
                    answer ->
                        answer.getNodesList().stream().filter(n -> n.hasFacts()).count()
                            == cluster.nodes().size()));
  }

  private void spawnJobs() throws IOException {
    for (int i = 0; i < plan.jobs(); i++) {
      var spec =
          JobSpec.newBuilder()
              .setWorkload("hex-selfplay")
              .setBoardType(plan.board())
              .setNumPlayers(2)
              .setNumGames(plan.games())
              .setEngineMode(plan.engine())
              .setSeed(1000 + i);
      var request =
          SpawnJobRequest.newBuilder().setRequestId(UUID.randomUUID().toString()).setSpec(spec);
      await(
          "an acknowledged job",
          Duration.ofSeconds(20),
          () -> ask(c -> JobServiceGrpc.newBlockingStub(c).spawnJob(request.build())));
    }
    tell.accept(
        plan.jobs()
            + " self-play jobs of "
            + plan.board()
            + "_2p queued, "
            + plan.games()
            + " games each");
  }

  /// Every job runs or has ended: one on its way to a node that dies would be lost with it.
  private void awaitHalfway() throws IOException {
    await(
        "running jobs",
        Duration.ofSeconds(40),
        () ->
            jobs()
                .filter(
                    jobs ->
                        jobs.stream()
                            .allMatch(
                                j -> j.getState() == JobState.JOB_STATE_RUNNING || ended(j))));
    tell.accept(jobs().map(DemoRun::summary).orElse(""));
  }

  /// Repeats one harmless write under one request id until a leader acknowledges it.
  private void firstWrite() throws IOException {
    var request =
        SetDrainRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setNodeId(cluster.nodes().getFirst())
            .build();
    await(
        "an acknowledged write",
        Duration.ofSeconds(30),
        () -> ask(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request)));
  }

  private List<Job> awaitJobs() throws IOException {
    String[] last = {""};
    return await(
        "the end of all jobs",
        plan.limit(),
        () -> {
          Optional<List<Job>> jobs = jobs();
          String line = jobs.map(DemoRun::summary).orElse(last[0]);
          if (!line.equals(last[0])) {
            tell.accept(line);
            last[0] = line;
          }
          return jobs.filter(all -> all.stream().allMatch(DemoRun::ended));
        });
  }

  private void checkJobs(List<Job> jobs) {
    if (jobs.size() != plan.jobs()) {
      problems.add(jobs.size() + " jobs are listed, " + plan.jobs() + " were acknowledged");
    }
    for (Job job : jobs) {
      if (job.getState() != JobState.JOB_STATE_COMPLETE) {
        problems.add(job.getJobId() + " ended as " + job.getState() + " " + job.getExit());
      } else if (job.getAttempt() != 1) {
        problems.add(job.getJobId() + " took " + job.getAttempt() + " attempts");
      }
    }
  }

  private VerifyFilesResponse awaitIdentical() throws IOException {
    var request = VerifyFilesRequest.newBuilder().setCluster(true).build();
    return await(
        "equal files on every node",
        Duration.ofSeconds(40),
        () ->
            ask(c -> SyncServiceGrpc.newBlockingStub(c).verifyFiles(request))
                .filter(v -> v.getIdentical() && v.getNodesCount() == cluster.nodes().size())
                .filter(v -> v.getNodesList().stream().allMatch(n -> n.getFiles() >= plan.jobs())));
  }

  private DemoReport report(
      Leader before, Leader after, double failover, List<Job> jobs, VerifyFilesResponse verified) {
    Manifest manifest =
        ask(c ->
                SyncServiceGrpc.newBlockingStub(c)
                    .getManifest(GetManifestRequest.getDefaultInstance())
                    .getManifest())
            .orElse(Manifest.getDefaultInstance());
    if (manifest.getFilesCount() != plan.jobs()) {
      problems.add(manifest.getFilesCount() + " game files for " + plan.jobs() + " jobs");
    }
    long wanted = (long) plan.jobs() * plan.games();
    if (manifest.getTotalGames() != wanted) {
      problems.add(manifest.getTotalGames() + " games in the files, wanted " + wanted);
    }
    if (after.epoch() <= before.epoch()) {
      problems.add("the epoch went from " + before.epoch() + " to " + after.epoch());
    }
    int complete =
        (int) jobs.stream().filter(j -> j.getState() == JobState.JOB_STATE_COMPLETE).count();
    return new DemoReport(
        mode(),
        cluster.nodes().size(),
        before.node(),
        after.node(),
        before.epoch(),
        after.epoch(),
        failover,
        complete,
        jobs.size() - complete,
        manifest.getTotalGames(),
        manifest.getFilesCount(),
        manifest.getTotalSizeBytes(),
        verified.getIdentical(),
        secondsSince(started),
        problems);
  }

  /// Both modes as the cluster itself names them.
  private String mode() {
    return ask(c ->
            StatusServiceGrpc.newBlockingStub(c).getStatus(GetStatusRequest.getDefaultInstance()))
        .map(status -> status.getMembershipMode() + "/" + status.getConsensusMode())
        .orElse("unknown");
  }

  private Optional<List<Job>> jobs() {
    return ask(
        c ->
            JobServiceGrpc.newBlockingStub(c)
                .listJobs(
                    ListJobsRequest.newBuilder()
                        .setPageSize(1000)
                        .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
                        .build())
                .getJobsList());
  }

  private static boolean ended(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_COMPLETE,
          JOB_STATE_FAILED,
          JOB_STATE_EXPIRED,
          JOB_STATE_CANCELLED,
          JOB_STATE_PROMOTED ->
          true;
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_STARTING,
          JOB_STATE_RUNNING,
          JOB_STATE_LOST,
          UNRECOGNIZED ->
          false;
    };
  }

  private static String summary(List<Job> jobs) {
    return "jobs: "
        + jobs.stream()
            .map(j -> Printer.orDash(j.getNodeId()) + " " + Printer.state(j.getState()))
            .sorted()
            .collect(Collectors.joining(", "));
  }

  /// Asks whoever answers; empty when nobody does in time.
  private <T> Optional<T> ask(Function<Channel, T> call) {
    try (var client = new ClusterClient(cluster.addresses(), Optional.empty(), CALL)) {
      return Optional.of(client.call(call));
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }

  private static <T> Optional<T> ask(Endpoint address, Function<Channel, T> call) {
    try (var client =
        new ClusterClient(List.of(address), Optional.empty(), Duration.ofMillis(500))) {
      return Optional.of(client.call(call));
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }

  private <T> T await(String what, Duration limit, Supplier<Optional<T>> probe) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> found = probe.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() > end) {
        var crashed = cluster.crashed();
        throw new IllegalStateException(
            "no sign of "
                + what
                + " within "
                + limit.toSeconds()
                + " s; logs are in "
                + cluster.configFile().getParent()
                + (crashed.isEmpty() ? "" : "\n" + String.join("\n", crashed)));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000_000.0;
  }
}
