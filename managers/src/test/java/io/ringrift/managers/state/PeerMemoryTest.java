package io.ringrift.managers.state;

import static io.ringrift.managers.state.QueueBed.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.MemberState;
import io.ringrift.managers.state.PeerMemory.Peer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SPEC 2.6 and 10: members as a hint for the next start.
class PeerMemoryTest {
  @TempDir private Path folder;

  private NodeDatabase open() {
    return NodeDatabase.open(folder.resolve("node.db"));
  }

  @Test
  void nothingIsRememberedAtFirst() {
    try (var database = open()) {
      assertThat(new PeerMemory(database).load()).isEmpty();
    }
  }

  @Test
  void membersAreRememberedOverARestartAndThoseThatVanishedForgotten() {
    try (var database = open()) {
      var memory = new PeerMemory(database);
      memory.save(
          List.of(member("n2", MemberState.DEAD, false), member("n3", MemberState.DEAD, false)),
          1000);
      memory.save(
          List.of(member("n2", MemberState.ALIVE, false), member("n4", MemberState.ALIVE, true)),
          2000);
    }
    try (var database = open()) {
      assertThat(new PeerMemory(database).load())
          .containsExactly(
              new Peer("n2", "127.0.0.1:8772", "ALIVE", 2000), new Peer("n4", "", "ALIVE", 2000));
    }
  }
}
