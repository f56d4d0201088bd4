package io.ringrift.chaos.ground;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The network of one run of the suite: a namespace with a bridge, and one for each node that any
/// scenario may have. Nothing of it reaches this machine's own network. The names tell the runner.
/// Linux, root. One thread; `close` is for any.
public final class Namespaces implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Namespaces.class);
  private static final String PREFIX = "rrchaos-";
  private static final String HUB = "hub";

  /// The one form that `create` gives. Whatever else begins alike is somebody's own.
  private static final Pattern NAME =
      Pattern.compile(PREFIX + "([0-9]{1,9})-(?:" + HUB + "|[nw][0-9]+)");

  /// Of the bridge, in whose namespace the runner is.
  private static final String RUNNER = "10.77.0.254";

  private static final int VOTERS = 7;
  private static final int WORKERS = 3;
  private static final int FIRST_WORKER = 20;

  /// What nft is told once.
  private static final String TABLE =
      """
      table bridge faults {
        chain forward {
          type filter hook forward priority 0; policy accept;
          jump rules
        }
        chain rules { }
      }
      """;

  /// As behind a NAT: nobody but the runner can open a connection to a node beside the voters, and
  /// no datagram comes in but in answer to one that went out.
  private static final String NAT =
      """
      table inet nat {
        chain input {
          type filter hook input priority 0; policy accept;
          iifname != "lo" ip saddr != %s ct state new counter drop
        }
      }
      """
          .formatted(RUNNER);

  private final String tag = PREFIX + ProcessHandle.current().pid();

  /// Removes them when this process is told to end, also while they are made.
  private final Thread hook = new Thread(this::end, "namespaces");

  /// Guarded by this, as the next one is: what runs inside.
  private boolean closed;

  private Optional<Process> inside = Optional.empty();

  private Namespaces() {}

  /// Why it cannot be done here; empty when it can.
  public static Optional<String> obstacle() {
    if (!Commands.root()) {
      return Optional.of("network namespaces need root");
    }
    return Commands.missing("ip", "nft").map(why -> why + " (Debian iproute2, nftables)");
  }

  /// @throws Refusal when the system does not allow it; nothing is left then
  public static Namespaces create() {
    var made = new Namespaces();
    Runtime.getRuntime().addShutdownHook(made.hook);
    try {
      made.build();
      return made;
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private static List<String> nodes() {
    return Stream.concat(
            IntStream.rangeClosed(1, VOTERS).mapToObj(i -> "n" + i),
            IntStream.rangeClosed(1, WORKERS).mapToObj(i -> "w" + i))
        .toList();
  }

  /// Address of a node in the network of its run.
  static String host(String node) {
    int number = Integer.parseInt(node.substring(1));
    return "10.77.0." + (node.startsWith("w") ? FIRST_WORKER + number : number);
  }

  /// Words before a program that runs as that node.
  static List<String> inside(String tag, String node) {
    return List.of("ip", "netns", "exec", tag + "-" + node);
  }

  private void build() {
    String hub = tag + "-" + HUB;
    add(hub);
    in(HUB, "ip", "link", "set", "lo", "up");
    in(HUB, "ip", "link", "add", "br0", "type", "bridge");
    in(HUB, "ip", "address", "add", RUNNER + "/24", "dev", "br0");
    in(HUB, "ip", "link", "set", "br0", "up");
    for (String node : nodes()) {
      String space = tag + "-" + node;
      add(space);
      ip(
          "link",
          "add",
          "p" + node,
          "netns",
          hub,
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          space);
      in(HUB, "ip", "link", "set", "p" + node, "master", "br0", "up");
      in(node, "ip", "link", "set", "lo", "up");
      in(node, "ip", "address", "add", host(node) + "/24", "dev", "eth0");
      in(node, "ip", "link", "set", "eth0", "up");
    }
    filter(HUB, TABLE);
    nodes().stream().filter(node -> node.startsWith("w")).forEach(node -> filter(node, NAT));
  }

  private synchronized void add(String space) {
    requireOpen();
    ip("netns", "add", space);
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the namespaces are removed: this process ends");
    }
  }

  private void filter(String node, String table) {
    var nft = new ArrayList<>(inside(tag, node));
    nft.addAll(List.of("nft", "-f", "-"));
    var _ = Commands.run(table, nft);
  }

  private static void ip(String... words) {
    var _ = Commands.run("", Stream.concat(Stream.of("ip"), Stream.of(words)).toList());
  }

  private void in(String node, String... words) {
    var _ = Commands.run("", Stream.concat(inside(tag, node).stream(), Stream.of(words)).toList());
  }

  public String tag() {
    return tag;
  }

  /// Runs this very program again with these arguments, inside the namespace of the bridge.
  ///
  /// @return its exit code
  public int again(String main, List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(inside(tag, HUB));
    command.add(java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    Process process;
    synchronized (this) {
      requireOpen();
      process = new ProcessBuilder(command).inheritIO().start();
      inside = Optional.of(process);
    }
    return process.waitFor();
  }

  /// Calls once when the maker of the namespaces has ended, also when it had already: whoever
  /// cleans up takes them for abandoned then.
  ///
  /// @param then told in a thread of its own
  public static void whenAbandoned(String tag, Runnable then) {
    CompletableFuture<?> end =
        ProcessHandle.of(Long.parseLong(tag.substring(PREFIX.length())))
            .<CompletableFuture<?>>map(ProcessHandle::onExit)
            .orElseGet(() -> CompletableFuture.completedFuture(tag));
    var _ = end.thenRunAsync(then);
  }

  /// Who is interrupted waits for the clean-up of the one inside.
  private void end() {
    Optional<Process> process;
    synchronized (this) {
      closed = true;
      process = inside;
    }
    try {
      if (process.isPresent()) {
        process.get().destroy();
        var _ = process.get().waitFor(30, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    remove();
  }

  private static List<String> existing() {
    if (Commands.missing("ip").isPresent()) {
      return List.of();
    }
    return Commands.run("ip", "netns", "list")
        .lines()
        .map(line -> line.split(" ", -1)[0])
        .filter(name -> name.startsWith(PREFIX))
        .toList();
  }

  /// Namespaces of this run that are still there.
  public List<String> left() {
    return existing().stream().filter(name -> name.startsWith(tag + "-")).toList();
  }

  /// @param told what was removed, a line each
  /// @return what could not be, and why
  static List<String> removeAbandoned(Consumer<String> told) {
    try {
      var names = existing().stream().filter(Namespaces::abandoned).toList();
      return remove(names, Namespaces::delete, told);
    } catch (Refusal refusal) {
      return List.of("namespaces that cannot be listed: " + refusal.text());
    }
  }

  /// One that cannot be removed does not keep the others.
  static List<String> remove(List<String> names, Consumer<String> deletion, Consumer<String> told) {
    var left = new ArrayList<String>();
    for (String name : names) {
      try {
        deletion.accept(name);
        told.accept("namespace " + name);
      } catch (Refusal refusal) {
        left.add("namespace " + name + ": " + refusal.text());
      }
    }
    return left;
  }

  private static void delete(String name) {
    ip("netns", "delete", name);
  }

  static boolean abandoned(String name) {
    return ChaosFolders.abandoned(NAME, name);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      awaitHook();
      return;
    }
    remove();
  }

  /// It removes the namespaces, and this process ends; there is nothing more to tell.
  private void awaitHook() {
    try {
      hook.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void remove() {
    remove(left(), Namespaces::delete, _ -> {})
        .forEach(why -> LOG.warn("could not be removed: {}", why));
  }
}
