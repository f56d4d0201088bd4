package io.ringrift.kernel.membership.swim;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/// Mutual TLS between members. Who holds a certificate of the cluster's own authority is trusted,
/// whatever its address: members move. Datagrams have no TLS and are not used with it.
///
/// @param ca PEM file of the authority that signs the certificates of every node
public record SwimTls(Path ca, Path certificate, Path key) {
  SslContext server() {
    return context(
        () ->
            SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                .clientAuth(ClientAuth.REQUIRE));
  }

  SslContext client() {
    return context(
        () ->
            SslContextBuilder.forClient()
                .keyManager(certificate.toFile(), key.toFile())
                .endpointIdentificationAlgorithm(null));
  }

  private SslContext context(Supplier<SslContextBuilder> builder) {
    try {
      return builder.get().sslProvider(SslProvider.JDK).trustManager(ca.toFile()).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new Refusal(
          Reason.INVALID_ARGUMENT,
          "the certificates for SWIM cannot be used: "
              + e.getMessage()
              + "; check "
              + certificate
              + ", "
              + key
              + " and "
              + ca,
          e);
    }
  }
}
