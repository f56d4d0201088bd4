package io.ringrift.node;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the state folder remembers of lists of voters that a running cluster decided.
///
/// @param version number of the list; 0 leaves the configured voters in force
/// @param voters of that list; empty for version 0
/// @param joinedLog log in which this node became a voter of a running cluster; empty when it did
///   not
/// @param prepared number of the last list that this node began an empty log for; 0 for none
/// @param lineage change that all lists of this cluster come of; empty for version 0
record VoterMark(
    long version, List<Voter> voters, String joinedLog, long prepared, String lineage) {
  static final VoterMark NONE = new VoterMark(0, List.of(), "", 0, "");
  private static final String NOTHING = "-";

  private static Path file(Path stateFolder) {
    return stateFolder.resolve("voters");
  }

  /// @throws Refusal STORAGE_FAILED or STORAGE_CORRUPT
  static VoterMark read(Path stateFolder) {
    Path file = file(stateFolder);
    try {
      return Files.exists(file) ? parse(Files.readAllLines(file)) : NONE;
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, file + " cannot be read: " + e, e);
    } catch (RuntimeException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          file + " is no list of voters; copy the one of another node of the cluster",
          e);
    }
  }

  /// Durable when this returns.
  void write(Path stateFolder) throws IOException {
    var text = new StringBuilder();
    text.append("version ").append(version).append('\n');
    text.append("joined ").append(orNothing(joinedLog)).append('\n');
    text.append("prepared ").append(prepared).append('\n');
    text.append("lineage ").append(orNothing(lineage)).append('\n');
    for (Voter voter : voters) {
      text.append(
          String.join(
              " ",
              "voter",
              voter.id().value(),
              voter.endpoint().host(),
              Integer.toString(voter.endpoint().port()),
              Integer.toString(voter.raftPort()),
              Integer.toString(voter.swimPort()),
              Integer.toString(voter.priority()) + "\n"));
    }
    DurableFiles.write(file(stateFolder), text.toString());
  }

  private static String orNothing(String text) {
    return text.isEmpty() ? NOTHING : text;
  }

  private static String textOf(String word) {
    return word.equals(NOTHING) ? "" : word;
  }

  private static VoterMark parse(List<String> lines) {
    long version = Long.parseLong(value(lines.get(0), "version"));
    String joined = textOf(value(lines.get(1), "joined"));
    long prepared = Long.parseLong(value(lines.get(2), "prepared"));
    // A mark that is older than lineages has none.
    boolean told = lines.size() > 3 && lines.get(3).startsWith("lineage ");
    String lineage = told ? textOf(value(lines.get(3), "lineage")) : "";
    var voters = new ArrayList<Voter>();
    for (String line : lines.subList(told ? 4 : 3, lines.size())) {
      String[] words = value(line, "voter").split(" ", -1);
      voters.add(
          new Voter(
              new NodeId(words[0]),
              new Endpoint(words[1], Integer.parseInt(words[2])),
              Integer.parseInt(words[5]),
              Integer.parseInt(words[3]),
              Integer.parseInt(words[4])));
    }
    if (voters.isEmpty() != (version == 0)) {
      throw new IllegalArgumentException("a decided list has voters, and no other has");
    }
    return new VoterMark(version, List.copyOf(voters), joined, prepared, lineage);
  }

  private static String value(String line, String name) {
    if (!line.startsWith(name + " ")) {
      throw new IllegalArgumentException("\"" + line + "\" does not begin with " + name);
    }
    return line.substring(name.length() + 1);
  }
}
