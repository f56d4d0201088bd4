package io.ringrift.chaos.ground;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// A cluster of real processes whose links can be cut. One thread; `crashed` and `close` are for
/// any.
public interface Ground extends AutoCloseable {
  List<String> voters();

  List<String> workers();

  /// Where the runner's clients reach a node, past every rule of its links.
  Endpoint address(String node);

  /// All ports on which a voter listens in the modes of this run, past every rule of its links.
  Map<Door, Endpoint> doors(String node);

  /// Starts a node that does not run.
  ///
  /// @param more flags of this start alone
  void start(String node, List<String> more) throws IOException;

  boolean running(String node);

  /// SIGKILL to all of them before any is waited for.
  ///
  /// @return those that ended by it; the others had crashed before
  List<String> kill(List<String> nodes) throws InterruptedException;

  /// SIGTERM; SIGKILL when the node does not end within 60 s, which `end` tells too.
  ///
  /// @return whether it ended by itself
  boolean stop(String node) throws InterruptedException;

  /// SIGSTOP or SIGCONT.
  void signal(String node, String name);

  long pid(String node);

  /// Replaces all rules of all links at once.
  void links(Map<Link, LinkRule> rules);

  /// How often the rules of these links held back, lost, doubled, exchanged or ended something
  /// since the beginning.
  long struck(Collection<Link> links);

  Path stateFolder(String node);

  /// Where its data files lie.
  Path dataFolder(String node);

  Path log(String node);

  /// Nodes that ended although nobody asked them to, also those that were started again since.
  List<Crash> crashed();

  /// Orderly end of every node and of the jobs that they started.
  ///
  /// @return what is still there although the ground was cleaned up, processes and mounts, and who
  ///   was killed since no SIGTERM had ended it; sentences
  List<String> end() throws InterruptedException;

  /// Ends everything at once, also when `end` was called before.
  @Override
  void close();
}
