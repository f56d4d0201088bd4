package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SwimTlsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final SwimCluster cluster = new SwimCluster(Timing.lan(), "n1", "n2", "n3");

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void membersOfOneAuthorityFindEachOther() throws Exception {
    X509Bundle authority = authority("ours");
    var nodes =
        List.of(
            start("n1", Optional.of(certificate(authority, "n1"))),
            start("n2", Optional.of(certificate(authority, "n2"))),
            start("n3", Optional.of(certificate(authority, "n3"))));

    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(nodes).allMatch(node -> node.members().size() == 3));
    assertThat(nodes.getFirst().transport().sockets().hasDatagrams()).isFalse();
  }

  @Test
  void strangersSeeOnlyThemselves() throws Exception {
    X509Bundle ours = authority("ours");
    var one = start("n1", Optional.of(certificate(ours, "n1")));
    var two = start("n2", Optional.of(certificate(ours, "n2")));
    var plain = start("n3", Optional.empty());
    var stranger = start("worker", Optional.of(certificate(authority("theirs"), "worker")));

    await().atMost(LONG).until(() -> one.members().size() == 2 && two.members().size() == 2);
    await()
        .during(Duration.ofSeconds(4))
        .atMost(LONG)
        .untilAsserted(
            () -> {
              assertThat(plain.members()).hasSize(1);
              assertThat(stranger.members()).hasSize(1);
              assertThat(one.members()).hasSize(2);
            });
  }

  @Test
  void certificatesThatCannotBeReadAreNamed() throws Exception {
    Path none = Files.writeString(folder.resolve("none.pem"), "nothing");

    assertThatThrownBy(() -> start("n1", Optional.of(new SwimTls(none, none, none))))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("none.pem");
  }

  private SwimMembership start(String id, Optional<SwimTls> tls) {
    var plain = cluster.config(id, "test", Timing.lan().lease());
    var config =
        new SwimConfig(
            plain.settings(),
            plain.self(),
            plain.boot(),
            plain.endpoint(),
            plain.bindHost(),
            plain.bindPort(),
            plain.advertise(),
            plain.voters(),
            plain.seeds(),
            plain.timing(),
            plain.swim(),
            tls);
    return cluster.start(config, Leadership.unknown(Epoch.ZERO));
  }

  private static X509Bundle authority(String name) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .setIsCertificateAuthority(true)
        .ecp256()
        .buildSelfSigned();
  }

  private SwimTls certificate(X509Bundle authority, String id) throws Exception {
    X509Bundle own =
        new CertificateBuilder().subject("CN=" + new NodeId(id)).ecp256().buildIssuedBy(authority);
    return new SwimTls(
        Files.writeString(folder.resolve(id + "-ca.pem"), authority.getCertificatePEM()),
        Files.writeString(folder.resolve(id + ".pem"), own.getCertificatePEM()),
        Files.writeString(folder.resolve(id + "-key.pem"), own.getPrivateKeyPEM()));
  }
}
