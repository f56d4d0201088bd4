package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whole nodes whose ports of Raft and SWIM ask for certificates.
@Timeout(300)
class TlsNodesTest {
  private static final List<String> VOTERS = List.of("n1", "n2", "n3");

  @TempDir private Path folder;
  private Optional<LocalCluster> started = Optional.empty();

  @AfterEach
  void end() {
    started.ifPresent(LocalCluster::close);
  }

  @Test
  void nodesOfOneAuthorityAreAClusterAndOneOfAnotherIsRefusedAndToldWhy() throws Exception {
    Path ours = certificate("ours");
    Path theirs = certificate("theirs");
    LocalCluster cluster = RealCluster.cluster(folder.resolve("cluster"), "");
    started = Optional.of(cluster);
    for (String voter : VOTERS) {
      start(cluster, voter, ours);
    }
    String leader = RealCluster.leader(cluster, VOTERS, Duration.ofMinutes(2));
    soon().until(() -> seen(cluster, leader).containsAll(VOTERS));
    submit(cluster);

    cluster.add("n4");
    start(cluster, "n4", theirs);
    awaitTold(cluster, "n4", "to 127.0.0.1");
    awaitTold(cluster, leader, "from 127.0.0.1");
    for (String voter : VOTERS) {
      soon().until(() -> seen(cluster, voter).containsAll(VOTERS));
      assertThat(seen(cluster, voter)).doesNotContain("n4");
    }
    // Its handshakes fail before its own port is open.
    soon().until(() -> http(cluster, "n4").get("/health/ready").status() == 503);
    assertThat(seen(cluster, "n4")).contains("n4").doesNotContainAnyElementsOf(VOTERS);
    submit(cluster);

    cluster.kill("n4");
    start(cluster, "n4", ours);
    soon().until(() -> seen(cluster, leader).contains("n4"));
  }

  private static void start(LocalCluster cluster, String node, Path certificates)
      throws IOException {
    cluster.start(
        node,
        "--membership-mode",
        "swim",
        "--consensus-mode",
        "raft",
        "--security-tls-ca",
        certificates.resolve("ca.pem").toString(),
        "--security-tls-certificate",
        certificates.resolve("node.pem").toString(),
        "--security-tls-key",
        certificates.resolve("key.pem").toString());
  }

  /// Waits until a node's log names that end of a connection and the reason.
  private static void awaitTold(LocalCluster cluster, String node, String end) {
    soon()
        .untilAsserted(
            () ->
                assertThat(Files.readAllLines(cluster.log(node)))
                    .anySatisfy(
                        line ->
                            assertThat(line)
                                .contains("a SWIM connection " + end)
                                .contains("failed its TLS handshake", "certificate")
                                .contains("security.tls_ca")));
  }

  private static Http http(LocalCluster cluster, String node) {
    return new Http(cluster.address(node));
  }

  /// Who is alive for that node, by SWIM.
  private static List<String> seen(LocalCluster cluster, String node) {
    var reply = http(cluster, node).get("/swim/members").body();
    return reply
        .path("members")
        .valueStream()
        .filter(member -> member.path("state").asText().equals("alive"))
        .map(member -> member.path("id").asText())
        .toList();
  }

  private static void submit(LocalCluster cluster) {
    try (var client =
        new ClusterClient(
            VOTERS.stream().map(cluster::address).toList(),
            Optional.empty(),
            Duration.ofSeconds(30))) {
      var request =
          SubmitWorkRequest.newBuilder()
              .addItems(WorkSpec.newBuilder().setWorkType("survey"))
              .build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request));
      assertThat(answer.getItemsList()).hasSize(1);
    }
  }

  /// A folder with an authority of its own, and what it signed for the nodes of this machine.
  private Path certificate(String name) throws Exception {
    Path files = Files.createDirectories(folder.resolve(name));
    X509Bundle authority =
        new CertificateBuilder()
            .subject("CN=" + name)
            .setIsCertificateAuthority(true)
            .ecp256()
            .buildSelfSigned();
    X509Bundle node =
        new CertificateBuilder()
            .subject("CN=node")
            .addSanIpAddress("127.0.0.1")
            .ecp256()
            .buildIssuedBy(authority);
    Files.writeString(files.resolve("ca.pem"), authority.getCertificatePEM());
    Files.writeString(files.resolve("node.pem"), node.getCertificatePEM());
    Files.writeString(files.resolve("key.pem"), node.getPrivateKeyPEM());
    return files;
  }
}
