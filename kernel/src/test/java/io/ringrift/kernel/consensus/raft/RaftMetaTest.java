package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of a term and a vote that a full disk swallowed.
class RaftMetaTest {
  @TempDir private Path raft;

  private Path file() throws IOException {
    Path current = raft.resolve("group").resolve("current");
    Files.createDirectories(current);
    return current.resolve("raft-meta");
  }

  private RaftMeta open() {
    return new RaftMeta(raft, raft.resolve("group"), new NodeId("n1"));
  }

  @Test
  void emptyFileGetsTheGreatestTermThatWasNotedAndAVoteForNobodyElse() throws IOException {
    try (var meta = open()) {
      meta.note(7);
      meta.note(5);
    }
    Files.createFile(file());
    try (var meta = open()) {
      assertThat(meta.damaged()).isTrue();
      assertThat(meta.mend()).isTrue();
      assertThat(file()).hasContent("term=7\nvotedFor=n1");
      assertThat(meta.mend()).isFalse();
    }
  }

  @Test
  void fileWithATermIsLeftAlone() throws IOException {
    String whole = "#\n#Tue Jan 02 03:04:05 UTC 2024\nterm=3\nvotedFor=n2\n";
    Files.writeString(file(), whole);
    try (var meta = open()) {
      meta.note(7);
      assertThat(meta.mend()).isFalse();
    }
    assertThat(file()).hasContent(whole);
  }

  @Test
  void noteThatCannotBeReadRefusesTheStartThoughTheFileIsWhole() throws IOException {
    try (var meta = open()) {
      meta.note(7);
    }
    Files.writeString(file(), "term=3\nvotedFor=n2\n");
    Files.writeString(raft.resolve("terms").resolve("epoch-a"), "damaged");
    Files.writeString(raft.resolve("terms").resolve("epoch-b"), "damaged");
    try (var meta = open()) {
      assertThatThrownBy(meta::mend)
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT));
    }
  }

  @Test
  void newVoterHasNothingToMend() {
    try (var meta = open()) {
      assertThat(meta.damaged()).isFalse();
      assertThat(meta.mend()).isFalse();
    }
  }
}
