package io.ringrift.chaos.run;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// One connection for bytes that no client sends, and what became of it. One thread reads, another
/// writes.
final class RawConnection {
  private static final int CONNECT_MILLIS = 2000;
  private static final int STEP_MILLIS = 200;
  private static final int MOST_READ = 4 << 10;
  private static final String HTTP = "HTTP/1.1 ";

  /// @param closed by the other end
  /// @param whole whether all was handed over
  /// @param said the beginning of what it answered
  record End(boolean closed, boolean whole, String said) {
    /// Status of an answer of HTTP/1.1; 0 when there is none.
    int status() {
      return said.matches("(?s)HTTP/1\\.1 [0-9]{3}.*")
          ? Integer.parseInt(said.substring(HTTP.length(), HTTP.length() + 3))
          : 0;
    }
  }

  private final Ticker ticker = Ticker.system();
  private final Socket socket;
  private final StringBuilder said = new StringBuilder();
  private volatile boolean whole;

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  /// Sends the head and then the piece so often. Ends with an answer of HTTP/1.1, with the
  /// connection, or with the time.
  ///
  /// @throws IOException when nobody listens
  static End send(Endpoint to, byte[] head, byte[] piece, int times, Duration limit)
      throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(to.host(), to.port()), CONNECT_MILLIS);
      socket.setSoTimeout(STEP_MILLIS);
      var connection = new RawConnection(socket);
      Thread.ofVirtual().start(() -> connection.write(head, piece, times));
      boolean closed = connection.read(limit);
      return new End(closed, connection.whole, connection.said.toString());
    }
  }

  private void write(byte[] head, byte[] piece, int times) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(head);
      for (int i = 0; i < times; i++) {
        out.write(piece);
      }
      whole = true;
    } catch (IOException refused) {
      // The reader sees the end too.
      whole = false;
    }
  }

  /// @return whether the other end closed it
  private boolean read(Duration limit) {
    Moment end = ticker.now().plus(limit);
    var buffer = new byte[MOST_READ];
    while (ticker.now().isBefore(end) && !answered()) {
      try {
        int count = socket.getInputStream().read(buffer);
        if (count < 0) {
          return true;
        }
        if (said.length() < MOST_READ) {
          said.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        }
      } catch (SocketTimeoutException nothingYet) {
        // Asked again until the limit.
      } catch (IOException reset) {
        return true;
      }
    }
    return false;
  }

  private boolean answered() {
    return said.indexOf(HTTP) == 0 && said.indexOf("\r\n") > 0;
  }
}
