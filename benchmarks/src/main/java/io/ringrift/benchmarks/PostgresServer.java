package io.ringrift.benchmarks;

import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One PostgreSQL with synchronous commits, and a queue in a table: an update of the first row that
/// nobody has locked claims (of the first few, for a greater lease), a delete completes, each a
/// transaction of its own. Not replicated.
final class PostgresServer implements WorkQueue, AutoCloseable {
  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
  private static final String USER = "bench";
  private static final String CLAIM =
      "update q set state = 1, worker = ? where id = any(array(select id from q where state = 0"
          + " order by id limit ? for update skip locked)) returning id";

  private final PeerProcess server;
  private final String url;

  private PostgresServer(PeerProcess server, int port) {
    this.server = server;
    this.url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=" + USER;
  }

  static boolean installed() throws IOException {
    return programs().isPresent();
  }

  private static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(VERSIONS)) {
      return Optional.empty();
    }
    try (var versions = Files.list(VERSIONS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  static PostgresServer start(Path folder) throws IOException, InterruptedException {
    Path programs = programs().orElseThrow();
    int port = FreePorts.one();
    var asUser = new ArrayList<String>();
    if (System.getProperty("user.name").equals("root")) {
      // PostgreSQL refuses to run as root; Debian's package brings a user of its own.
      asUser.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
      PeerProcess.run(List.of("chown", "postgres", folder.toString()));
      var passable = PosixFilePermissions.fromString("rwx--x--x");
      Files.setPosixFilePermissions(folder.resolve("..").normalize(), passable);
    }
    String data = folder.resolve("data").toString();
    var create = new ArrayList<>(asUser);
    create.addAll(List.of(programs.resolve("initdb").toString(), "-D", data));
    create.addAll(List.of("-A", "trust", "-U", USER));
    PeerProcess.run(create);
    var serve = new ArrayList<>(asUser);
    serve.addAll(List.of(programs.resolve("postgres").toString(), "-D", data));
    serve.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port), "-N", "200"));
    serve.addAll(List.of("-k", folder.toString()));
    var server = PeerProcess.start(serve, folder.resolveSibling("postgres.log"));
    return new PostgresServer(server.awaitPort(port), port);
  }

  @Override
  public String name() {
    return "PostgreSQL";
  }

  /// The server and the process it keeps for each connection.
  @Override
  public Collection<Long> pids() {
    var all = new ArrayList<Long>(List.of(server.pid()));
    ProcessHandle.of(server.pid())
        .ifPresent(parent -> parent.children().map(ProcessHandle::pid).forEach(all::add));
    return all;
  }

  @Override
  public void fill(int items) throws SQLException {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute("drop table if exists q");
      statement.execute(
          "create table q(id bigserial primary key, state smallint not null default 0,"
              + " worker int, payload text not null)");
      statement.execute("create index q_waiting on q(id) where state = 0");
      statement.execute(
          "insert into q(payload) select repeat('x', "
              + WritesBenchmark.VALUE_BYTES
              + ") from generate_series(1, "
              + items
              + ")");
      statement.execute("vacuum analyze q");
    }
  }

  @Override
  public Worker worker(int number, int lease) throws SQLException {
    return new OneWorker(DriverManager.getConnection(url), number, lease);
  }

  @Override
  public void close() {
    server.close();
  }

  private static final class OneWorker implements Worker {
    private final Connection connection;
    private final PreparedStatement claim;
    private final PreparedStatement complete;

    OneWorker(Connection connection, int number, int lease) throws SQLException {
      this.connection = connection;
      claim = connection.prepareStatement(CLAIM);
      claim.setInt(1, number);
      claim.setInt(2, lease);
      complete = connection.prepareStatement("delete from q where id = any(?)");
    }

    @Override
    public List<String> claim() throws SQLException {
      var ids = new ArrayList<Long>();
      try (var found = claim.executeQuery()) {
        while (found.next()) {
          ids.add(found.getLong(1));
        }
      }
      complete.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
      return ids.stream().map(id -> Long.toString(id)).toList();
    }

    @Override
    public void complete() throws SQLException {
      complete.executeUpdate();
    }

    @Override
    public void end() throws SQLException {
      connection.close();
    }
  }
}
