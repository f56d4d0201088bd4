package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.time.Ticker;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells which connections came to nothing for their certificates, at both ends and once a minute
/// for each peer: all else that its node shows of it is silence.
final class Handshakes {
  private static final Logger LOG = LoggerFactory.getLogger(Handshakes.class);

  /// What is no TLS at all is told with all its bytes.
  private static final int LONGEST = 300;

  private final OncePerMinute quiet = new OncePerMinute();
  private final Ticker ticker;

  Handshakes(Ticker ticker) {
    this.ticker = ticker;
  }

  /// A connection to that address ended so.
  void to(String address, Throwable failure) {
    tell("to " + address, failure);
  }

  /// A connection from there ended so.
  ///
  /// @return whether its certificate is why
  boolean from(SocketAddress other, Throwable failure) {
    // each try has a port of its own
    String host =
        other instanceof InetSocketAddress inet ? inet.getHostString() : String.valueOf(other);
    return tell("from " + host, failure);
  }

  private boolean tell(String which, Throwable failure) {
    SSLException why = reason(failure);
    if (why != null && quiet.first(which, ticker.now())) {
      String text = String.valueOf(why.getMessage()).replaceAll("\\p{Cntrl}", "?");
      LOG.warn(
          "a SWIM connection {} failed its TLS handshake: {}; security.tls_ca of each node has to"
              + " name the authority that signed security.tls_certificate of the other",
          which,
          text.length() > LONGEST ? text.substring(0, LONGEST) : text);
    }
    return why != null;
  }

  private static @Nullable SSLException reason(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SSLException why) {
        return why;
      }
    }
    return null;
  }
}
