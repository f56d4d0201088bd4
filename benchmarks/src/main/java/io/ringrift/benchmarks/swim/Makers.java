package io.ringrift.benchmarks.swim;

import io.ringrift.benchmarks.swim.Seen.Kind;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// How members of each kind are started, and how what they print is read.
sealed interface Makers {
  String title();

  /// Which members share a process; the last member has one of its own.
  List<List<Integer>> groups(int members);

  List<String> command(List<Integer> group, String preset);

  /// @param owner first member of the process that printed the line
  void read(String owner, String line, Seen seen);

  /// Our members.
  ///
  /// @param perProcess members that share a JVM, which a node does not do
  record Ours(int perProcess) implements Makers {
    @Override
    public String title() {
      return "ringrift";
    }

    @Override
    public List<List<Integer>> groups(int members) {
      var groups = new ArrayList<List<Integer>>();
      for (int first = 1; first < members; first += perProcess) {
        groups.add(
            IntStream.rangeClosed(first, Math.min(first + perProcess - 1, members - 1))
                .boxed()
                .toList());
      }
      groups.add(List.of(members));
      return groups;
    }

    /// The flags are those of a node, which this process was started with.
    @Override
    public List<String> command(List<Integer> group, String preset) {
      var command = new ArrayList<String>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(flag -> !flag.startsWith("-Xmx"))
          .forEach(command::add);
      command.add("-Xmx192m");
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(MemberHost.class.getName());
      command.add(preset);
      command.add(Integer.toString(group.getFirst()));
      command.add(Integer.toString(group.getLast()));
      return command;
    }

    @Override
    public void read(String owner, String line, Seen seen) {
      String[] parts = line.split(" ", -1);
      if (parts.length == 3 && parts[1].matches("UP|JOINED|DEAD")) {
        seen.add(parts[0], Kind.valueOf(parts[1]), parts[2]);
      }
    }
  }

  /// Agents of serf, a process each.
  record Serf() implements Makers {
    private static final Pattern EVENT = Pattern.compile("EventMember(Join|Failed): (\\S+)");
    private static final int PORT = 7946;
    private static final int RPC_PORT = 7373;

    @Override
    public String title() {
      return "serf";
    }

    @Override
    public List<List<Integer>> groups(int members) {
      return IntStream.rangeClosed(1, members).mapToObj(List::of).toList();
    }

    @Override
    public List<String> command(List<Integer> group, String preset) {
      int member = group.getFirst();
      var command = new ArrayList<String>();
      command.addAll(List.of("serf", "agent", "-node=" + MemberHost.name(member)));
      command.add("-bind=" + MemberHost.host(member) + ":" + PORT);
      command.add("-rpc-addr=" + MemberHost.host(member) + ":" + RPC_PORT);
      command.addAll(List.of("-profile=" + preset, "-log-level=info"));
      if (member > 1) {
        command.add("-retry-join=" + MemberHost.host(1) + ":" + PORT);
        command.add("-retry-interval=1s");
      }
      return command;
    }

    @Override
    public void read(String owner, String line, Seen seen) {
      if (line.contains("Starting Serf agent...")) {
        seen.add(owner, Kind.UP, owner);
      }
      Matcher matcher = EVENT.matcher(line);
      if (matcher.find()) {
        seen.add(
            owner, matcher.group(1).equals("Join") ? Kind.JOINED : Kind.DEAD, matcher.group(2));
      }
    }
  }
}
