package io.ringrift.benchmarks;

import io.ringrift.node.local.FreePorts;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/// One Redis whose log is synchronised before each answer, and a queue on its streams: XREADGROUP
/// claims, XACK completes. Not replicated.
final class RedisServer implements WorkQueue, AutoCloseable {
  private static final String STREAM = "items";
  private static final String GROUP = "workers";

  private final PeerProcess server;
  private final int port;

  private RedisServer(PeerProcess server, int port) {
    this.server = server;
    this.port = port;
  }

  static boolean installed() {
    return PeerProcess.installed("redis-server");
  }

  static RedisServer start(Path folder) throws IOException {
    int port = FreePorts.one();
    var command = new ArrayList<>(List.of("redis-server", "--bind", "127.0.0.1"));
    command.addAll(List.of("--port", Integer.toString(port), "--dir", folder.toString()));
    command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always", "--save", ""));
    var server = PeerProcess.start(command, folder.resolve("redis.log"));
    return new RedisServer(server.awaitPort(port), port);
  }

  @Override
  public String name() {
    return "Redis Streams";
  }

  @Override
  public Collection<Long> pids() {
    return List.of(server.pid());
  }

  @Override
  public void fill(int items) throws IOException {
    try (var connection = new Connection(port)) {
      connection.call("FLUSHALL");
      for (int i = 0; i < items; i++) {
        connection.send("XADD", STREAM, "*", "v", "x".repeat(WritesBenchmark.VALUE_BYTES));
      }
      connection.flush();
      for (int i = 0; i < items; i++) {
        connection.read();
      }
      connection.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    }
  }

  @Override
  public Worker worker(int number, int lease) throws IOException {
    return new OneWorker(new Connection(port), "worker-" + number, lease);
  }

  @Override
  public void close() {
    server.close();
  }

  private static final class OneWorker implements Worker {
    private final Connection connection;
    private final String[] claim;
    private List<String> held = List.of();

    OneWorker(Connection connection, String id, int lease) {
      this.connection = connection;
      String most = Integer.toString(lease);
      this.claim =
          new String[] {"XREADGROUP", "GROUP", GROUP, id, "COUNT", most, "STREAMS", STREAM, ">"};
    }

    /// The answer is one stream with its entries: [[name, [[id, [field, value]], …]]].
    @Override
    public List<String> claim() throws IOException {
      var texts = connection.call(claim);
      held = IntStream.range(0, texts.size() / 3).mapToObj(i -> texts.get(3 * i + 1)).toList();
      return held;
    }

    @Override
    public void complete() throws IOException {
      var words = new ArrayList<>(List.of("XACK", STREAM, GROUP));
      words.addAll(held);
      connection.call(words.toArray(String[]::new));
    }

    @Override
    public void end() throws IOException {
      connection.close();
    }
  }

  /// One connection that speaks RESP. One thread.
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    Connection(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    List<String> call(String... words) throws IOException {
      send(words);
      flush();
      return read();
    }

    void send(String... words) {
      append("*" + words.length);
      for (String word : words) {
        append("$" + word.getBytes(StandardCharsets.UTF_8).length);
        append(word);
      }
    }

    private void append(String line) {
      waiting.writeBytes((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    void flush() throws IOException {
      waiting.writeTo(out);
      waiting.reset();
    }

    /// The texts of one answer, nested lists flattened; nothing stands for nil.
    List<String> read() throws IOException {
      var texts = new ArrayList<String>();
      read(texts);
      return texts;
    }

    private void read(List<String> texts) throws IOException {
      String line = line();
      switch (line.charAt(0)) {
        case '-' -> throw new IOException("Redis refused: " + line);
        case '*' -> {
          for (int i = Integer.parseInt(line.substring(1)); i > 0; i--) {
            read(texts);
          }
        }
        case '$' -> {
          int length = Integer.parseInt(line.substring(1));
          if (length >= 0) {
            texts.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
            in.skipNBytes(2);
          }
        }
        default -> texts.add(line.substring(1));
      }
    }

    private String line() throws IOException {
      var text = new StringBuilder();
      for (int c = in.read(); c != '\r'; c = in.read()) {
        if (c < 0) {
          throw new EOFException("Redis closed the connection");
        }
        text.append((char) c);
      }
      in.skipNBytes(1);
      return text.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
