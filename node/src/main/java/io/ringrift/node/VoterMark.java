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
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the state folder remembers of lists of voters that a running cluster decided. The places
/// are in a file of their own, so that a program that does not know them can use the folder.
///
/// @param version number of the list; 0 leaves the configured voters in force
/// @param voters of that list; empty for version 0
/// @param joinedLog log in which this node became a voter of a running cluster; empty when it did
///   not
/// @param prepared number of the last list that this node began an empty log for; 0 for none
/// @param lineage change that all lists of this cluster come of; empty for version 0
/// @param places what tells whether the list or the configuration is the newer word of an address
record VoterMark(
    long version,
    List<Voter> voters,
    String joinedLog,
    long prepared,
    String lineage,
    VoterPlaces places) {
  static final VoterMark NONE = new VoterMark(0, List.of(), "", 0, "", VoterPlaces.NONE);
  private static final Logger LOG = LoggerFactory.getLogger(VoterMark.class);
  private static final String NOTHING = "-";
  private static final String LOOKED = "looked";
  private static final String END = "end";

  private static Path placesFile(Path stateFolder) {
    return stateFolder.resolve("voter-places");
  }

  private static Path file(Path stateFolder) {
    return stateFolder.resolve("voters");
  }

  /// @throws Refusal STORAGE_FAILED or STORAGE_CORRUPT
  static VoterMark read(Path stateFolder) {
    VoterPlaces places = readPlaces(placesFile(stateFolder));
    Path file = file(stateFolder);
    try {
      return Files.exists(file) ? parse(Files.readAllLines(file), places) : NONE.at(places);
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, file + " cannot be read: " + e, e);
    } catch (RuntimeException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          file + " is no list of voters; copy the one of another node of the cluster",
          e);
    }
  }

  /// Without that file, as in a folder of an older program, there is no evidence.
  private static VoterPlaces readPlaces(Path file) {
    if (!Files.exists(file)) {
      return VoterPlaces.NONE;
    }
    try {
      List<String> lines = Files.readAllLines(file);
      if (!lines.getFirst().equals(LOOKED) || !lines.getLast().equals(END)) {
        throw new IllegalArgumentException("it has no beginning or no end");
      }
      return new VoterPlaces(true, voters(lines, "configured"), voters(lines, "replaced"));
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "{} cannot be read ({}) and counts as missing: where the configuration and the cluster's"
              + " list differ, the list is in force",
          file,
          e.toString());
      return VoterPlaces.NONE;
    }
  }

  /// The list first: what it says against the places is seen when both are read. Durable when this
  /// returns.
  void write(Path stateFolder) throws IOException {
    var text = new StringBuilder();
    text.append("version ").append(version).append('\n');
    text.append("joined ").append(orNothing(joinedLog)).append('\n');
    text.append("prepared ").append(prepared).append('\n');
    text.append("lineage ").append(orNothing(lineage)).append('\n');
    voters.forEach(voter -> text.append(line("voter", voter)));
    DurableFiles.write(file(stateFolder), text.toString());
    writePlaces(stateFolder);
  }

  /// The places alone. Durable when this returns.
  void writePlaces(Path stateFolder) throws IOException {
    var text = new StringBuilder();
    text.append(LOOKED).append('\n');
    places.configured().forEach(voter -> text.append(line("configured", voter)));
    places.replaced().forEach(voter -> text.append(line("replaced", voter)));
    text.append(END).append('\n');
    DurableFiles.write(placesFile(stateFolder), text.toString());
  }

  private VoterMark at(VoterPlaces other) {
    return new VoterMark(version, voters, joinedLog, prepared, lineage, other);
  }

  /// After a look at the configuration.
  VoterMark look(List<Voter> configured) {
    return at(places.look(configured, voters));
  }

  private static String line(String name, Voter voter) {
    return String.join(
        " ",
        name,
        voter.id().value(),
        voter.endpoint().host(),
        Integer.toString(voter.endpoint().port()),
        Integer.toString(voter.raftPort()),
        Integer.toString(voter.swimPort()),
        voter.priority() + "\n");
  }

  private static String orNothing(String text) {
    return text.isEmpty() ? NOTHING : text;
  }

  private static String textOf(String word) {
    return word.equals(NOTHING) ? "" : word;
  }

  private static VoterMark parse(List<String> lines, VoterPlaces places) {
    long version = Long.parseLong(value(lines.get(0), "version"));
    String joined = textOf(value(lines.get(1), "joined"));
    long prepared = Long.parseLong(value(lines.get(2), "prepared"));
    // A mark that is older than lineages has none.
    boolean told = lines.size() > 3 && lines.get(3).startsWith("lineage ");
    String lineage = told ? textOf(value(lines.get(3), "lineage")) : "";
    var rest = lines.subList(told ? 4 : 3, lines.size());
    List<Voter> voters = voters(rest, "voter");
    if (voters.isEmpty() != (version == 0)) {
      throw new IllegalArgumentException("a decided list has voters, and no other has");
    }
    // An older program may have followed the list, or this one ended between the two files.
    VoterPlaces now = version == 0 ? places : places.follow(voters);
    return new VoterMark(version, voters, joined, prepared, lineage, now);
  }

  private static List<Voter> voters(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> voter(value(line, name).split(" ", -1)))
        .toList();
  }

  private static Voter voter(String[] words) {
    return new Voter(
        new NodeId(words[0]),
        new Endpoint(words[1], Integer.parseInt(words[2])),
        Integer.parseInt(words[5]),
        Integer.parseInt(words[3]),
        Integer.parseInt(words[4]));
  }

  private static String value(String line, String name) {
    if (!line.startsWith(name + " ")) {
      throw new IllegalArgumentException("\"" + line + "\" does not begin with " + name);
    }
    return line.substring(name.length() + 1);
  }
}
