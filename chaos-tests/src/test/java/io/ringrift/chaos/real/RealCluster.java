package io.ringrift.chaos.real;

import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.chaos.ground.NodeJvm;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.Role;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Three voters that all tests of a process share, of whatever class: with forks JUnit is begun
/// anew for each class. Before each test every voter runs, is ready and takes jobs, and one of them
/// leads.
final class RealCluster implements BeforeEachCallback, AfterEachCallback {
  static final Duration SOON = Duration.ofSeconds(90);

  /// Made before the clock of a test runs.
  private static final List<String> JVM = NodeJvm.flags();

  private @Nullable Shared shared;

  /// What outlives one test.
  private record Shared(Path folder, LocalCluster cluster) implements AutoCloseable {
    static Shared open() {
      try {
        Path folder = Files.createTempDirectory("ringrift-real");
        return new Shared(folder, RealCluster.cluster(folder.resolve("cluster"), Scripts.CONFIG));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      cluster.close();
      delete(folder);
    }
  }

  /// Three voters that are not started yet.
  static LocalCluster cluster(Path folder, String config) throws IOException {
    return new LocalCluster(
        folder, LocalSetup.of(3, List.of(), 4).withJvmFlags(JVM).withConfig(config));
  }

  static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    shared =
        context
            .getStore(
                ExtensionContext.StoreScope.LAUNCHER_SESSION,
                ExtensionContext.Namespace.create(RealCluster.class))
            .getOrComputeIfAbsent(Shared.class, _ -> Shared.open(), Shared.class);
    for (String node : nodes()) {
      if (!local().running(node)) {
        local().start(node);
      }
    }
    nodes().forEach(this::awaitReady);
    leader();
  }

  /// A failed test shows what the nodes said last.
  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (context.getExecutionException().isEmpty()) {
      return;
    }
    for (String node : nodes()) {
      List<String> lines = Files.readAllLines(local().log(node));
      System.err.println("---- the end of the log of " + node);
      lines.stream().skip(Math.max(0, lines.size() - 60)).forEach(System.err::println);
    }
  }

  LocalCluster local() {
    return Objects.requireNonNull(shared, "no test runs").cluster();
  }

  /// A folder of its own for one test's files.
  Path scratch() throws IOException {
    return Files.createTempDirectory(Objects.requireNonNull(shared).folder(), "scratch");
  }

  /// The voters.
  List<String> nodes() {
    return List.of("n1", "n2", "n3");
  }

  static ConditionFactory soon() {
    return await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(100));
  }

  /// The voter that says that it leads.
  String leader() {
    return leader(local(), nodes());
  }

  static String leader(LocalCluster cluster, List<String> nodes) {
    return leader(cluster, nodes, SOON);
  }

  static String leader(LocalCluster cluster, List<String> nodes, Duration patience) {
    return soon()
        .atMost(patience)
        .until(() -> nodes.stream().filter(n -> leads(cluster, n)).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  static boolean leads(LocalCluster cluster, String node) {
    try {
      var answer =
          on(
              cluster,
              node,
              Duration.ofSeconds(1),
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      return answer.getRole() == Role.ROLE_LEADER;
    } catch (Refusal refusal) {
      return false;
    }
  }

  /// A voter that does not lead.
  String follower() {
    String leader = leader();
    return nodes().stream().filter(n -> !n.equals(leader)).findFirst().orElseThrow();
  }

  void awaitReady(String node) {
    var http = new Http(local().address(node));
    soon().until(() -> http.get("/health/ready").status() == 200);
  }

  void restart(String node) throws IOException {
    local().start(node);
    awaitReady(node);
  }

  /// A call that follows the leader.
  <T> T call(Function<Channel, T> call) {
    try (var client =
        new ClusterClient(
            nodes().stream().map(local()::address).toList(),
            Optional.empty(),
            Duration.ofSeconds(10))) {
      return client.call(call);
    }
  }

  /// A call to one node.
  <T> T on(String node, Function<Channel, T> call) {
    return on(local(), node, Duration.ofSeconds(10), call);
  }

  private static <T> T on(
      LocalCluster cluster, String node, Duration timeout, Function<Channel, T> call) {
    try (var client =
        new ClusterClient(List.of(cluster.address(node)), Optional.empty(), timeout)) {
      return client.call(call);
    }
  }

  /// A plain grpc-java channel to one node.
  void plain(String node, Consumer<Channel> use) {
    var address = local().address(node);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();
    try {
      use.accept(channel);
    } finally {
      channel.shutdownNow();
    }
  }
}
