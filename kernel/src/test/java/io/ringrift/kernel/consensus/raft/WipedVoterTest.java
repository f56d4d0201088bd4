package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.PATIENCE;
import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.consensus.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A voter that lost its folder when the others have no log any more from which it could begin.
@Timeout(180)
final class WipedVoterTest {

  @TempDir Path root;

  /// @return what was proposed
  private static List<String> proposeAll(List<Member> members, String prefix, int count) {
    var commands = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    commands.forEach(command -> RaftMembers.propose(members, command));
    return commands;
  }

  private static void holds(Member member, List<String> commands) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(member.machine().commands).containsSubsequence(commands));
  }

  private boolean has(int n, String file) throws IOException {
    try (var files = Files.walk(root.resolve("n" + n).resolve("raft"))) {
      return files.anyMatch(f -> f.getFileName().toString().matches(file));
    }
  }

  /// @param state of folders in which files come and go meanwhile
  private static void awaitFiles(Callable<Boolean> state) {
    await().atMost(PATIENCE).ignoreExceptions().until(state);
  }

  /// The first entries are gone when no segment of the log begins with them.
  private boolean purged(int n) throws IOException {
    return !has(n, "log_(inprogress_)?0(-.*)?");
  }

  private RaftTrio shortLogs() {
    return new RaftTrio(root, 20)
        .tuned(
            properties -> {
              Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(1024));
              return properties;
            });
  }

  /// Ratis takes it for none then, and waits for ever for entries that it covers.
  @Test
  void aSnapshotWhoseDigestCannotBeReadStopsNoVoter() throws IOException {
    try (var trio = shortLogs()) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      var commands = new ArrayList<>(proposeAll(members, "a", 100));
      holds(members.getFirst(), commands);
      awaitFiles(() -> purged(1));
      trio.stop(1);
      assertThat(spoilDigests(1)).isPositive();
      var again = trio.start(1, members.getFirst().machine());
      commands.addAll(proposeAll(members.subList(1, 3), "b", 5));
      holds(again, commands);
    }
  }

  /// @return how many there were
  private int spoilDigests(int n) throws IOException {
    List<Path> digests;
    try (var files = Files.walk(root.resolve("n" + n).resolve("raft"))) {
      digests = files.filter(f -> f.getFileName().toString().endsWith(".md5")).toList();
    }
    for (Path digest : digests) {
      Files.writeString(digest, "no digest");
    }
    return digests.size();
  }

  @Test
  void aWipedVoterIsGivenASnapshotVotesAgainAndKeepsWhatWasConfirmed() throws IOException {
    try (var trio = shortLogs()) {
      var members = new ArrayList<>(List.of(trio.start(1), trio.start(2), trio.start(3)));
      var commands = new ArrayList<>(proposeAll(members, "a", 100));
      awaitFiles(() -> purged(1) && purged(2) && purged(3));
      int leading = leader(members).n();
      int wiped = leading % 3 + 1;
      trio.stop(wiped);
      Folders.delete(root.resolve("n" + wiped));
      var again = trio.start(wiped);
      members.set(wiped - 1, again);
      commands.addAll(proposeAll(members, "b", 5));
      holds(again, commands);
      awaitFiles(() -> has(wiped, "snapshot\\.\\d+_\\d+") && purged(wiped));
      awaitFiles(() -> !has(wiped, "unproven"));

      trio.stop(leading);
      var left = members.stream().filter(m -> m.n() != leading).toList();
      commands.addAll(proposeAll(left, "c", 5));
      left.forEach(member -> holds(member, commands));
    }
  }
}
