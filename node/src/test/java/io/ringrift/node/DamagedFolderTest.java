package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.consensus.bully.BullyConsensus;
import io.ringrift.kernel.consensus.bully.VoterSetup;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.LogStore;
import io.ringrift.kernel.store.SnapshotStore;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.state.StateConfig;
import io.ringrift.managers.state.StateManager;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.RecordEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a voter makes of a state folder that a disk has damaged, one part or two at a time. Every
/// case opens a copy of one folder: a log from 41 to 120, a snapshot at 100, the state at 120.
class DamagedFolderTest {
  private static final NodeId SELF = new NodeId("n1");
  private static final LogPosition END = new LogPosition(new Epoch(2), 120);
  private static final EpochStore.Pledge PLEDGE =
      new EpochStore.Pledge(
          new Epoch(3), Optional.of(new NodeId("n2")), Epoch.ZERO, /* rebuilding= */ false);

  @TempDir static Path root;
  private static Path template;

  enum Part {
    LOG("log", "log-1"),
    SNAPSHOT("snapshots", ".snapshot"),
    CLUSTER("cluster", "cluster-1"),
    DATABASE("node.db", "node.db.corrupt-1"),
    PROMISE("promise/epoch-a", "");

    final String name;
    final String aside;

    Part(String name, String aside) {
      this.name = name;
      this.aside = aside;
    }
  }

  enum Way {
    TRUNCATED {
      @Override
      void harm(FileChannel file) throws IOException {
        file.truncate(file.size() / 2);
      }
    },
    FLIPPED {
      @Override
      void harm(FileChannel file) throws IOException {
        // SQLite keeps no checksums of data: there the first page's kind is hit.
        var one = ByteBuffer.allocate(1);
        long place = file.size() < 8192 ? file.size() / 4 : 100;
        file.read(one, place);
        one.flip();
        file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get() ^ 1)}), place);
      }
    };

    abstract void harm(FileChannel file) throws IOException;
  }

  record Case(Set<Part> parts, Way way) {
    /// Whether entries that this voter acknowledged are gone from its disk.
    boolean forgot() {
      return parts.contains(Part.LOG) || parts.containsAll(Set.of(Part.CLUSTER, Part.SNAPSHOT));
    }
  }

  static Stream<Case> cases() {
    var cases = new ArrayList<Case>();
    for (Way way : Way.values()) {
      for (Part one : Part.values()) {
        for (Part other : Part.values()) {
          if (one.compareTo(other) <= 0) {
            cases.add(new Case(EnumSet.of(one, other), way));
          }
        }
      }
    }
    return cases.stream();
  }

  /// A voter that runs over a folder, alone or cut off from its peers.
  private record Opened(
      NodeStores stores, StateManager state, EpochStore epochs, BullyConsensus consensus)
      implements AutoCloseable {
    @Override
    public void close() {
      consensus.close();
      epochs.close();
      state.close();
      stores.close();
    }
  }

  private static NodeStores stores(Path folder) {
    return NodeStores.open(
        folder, "test", SELF, ConsensusMode.BULLY, new BootId(1), Ticker.system());
  }

  private static StateManager state(Path folder, NodeStores stores) {
    return StateManager.open(
        folder, stores.cluster(), stores::anew, StateConfig.defaults(), Ticker.system());
  }

  private static Opened open(Path folder, Map<NodeId, Integer> voters) {
    var closing = new Closing();
    try {
      var stores = closing.later(stores(folder), NodeStores::close);
      var state = closing.later(state(folder, stores), StateManager::close);
      state.quarantined().ifPresent(stores::databaseSetAside);
      var epochs = closing.later(EpochStore.open(folder.resolve("promise")), EpochStore::close);
      var consensus =
          BullyConsensus.open(
              new VoterSetup(
                  SELF,
                  voters,
                  Timing.local(),
                  stores.folder(),
                  epochs,
                  state.stateMachine(),
                  (_, _) -> {},
                  Ticker.system(),
                  stores.audit(),
                  new SimpleMeterRegistry(),
                  () -> {}));
      return new Opened(stores, state, epochs, consensus);
    } catch (Refusal e) {
      closing.close();
      throw e;
    }
  }

  private static Opened openAmongThree(Path folder) {
    return open(folder, Map.of(SELF, 0, new NodeId("n2"), 0, new NodeId("n3"), 0));
  }

  @BeforeAll
  static void fill() throws IOException {
    template = root.resolve("template");
    var entries = new ArrayList<LogEntry>();
    for (int i = 1; i <= END.index(); i++) {
      entries.add(entry(i));
    }
    try (var stores = stores(template);
        var epochs = EpochStore.open(template.resolve("promise"))) {
      epochs.promise(PLEDGE.promised(), PLEDGE.grantedTo());
      try (var log = LogStore.open(template.resolve("log"));
          var state = state(template, stores)) {
        log.write(OptionalLong.empty(), entries);
        var machine = state.stateMachine();
        machine.apply(entries.subList(0, 100));
        SnapshotStore.open(template.resolve("snapshots"))
            .save(machine.applied(), machine::snapshot);
        log.compact(entries.get(39).position());
        machine.apply(entries.subList(100, entries.size()));
      }
    }
    // What was only in write-ahead logs is in table files from here on.
    stores(template).close();
    LogStore.open(template.resolve("log")).close();
  }

  private static LogEntry entry(int index) {
    var command =
        Command.newBuilder()
            .setEpoch(2)
            .setRecordEvent(RecordEvent.newBuilder().setKind("TRIED").setSubject("s" + index));
    return new LogEntry(
        new LogPosition(new Epoch(2), index),
        LogEntry.Kind.COMMAND,
        CommandBatch.newBuilder().addCommands(command).build().toByteArray());
  }

  private static Path damaged(Case what) throws IOException {
    Path folder = Files.createTempDirectory(root, "case").resolve("state");
    try (var files = Files.walk(template)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(template.relativize(file).toString()));
      }
    }
    for (Part part : what.parts()) {
      try (var files = Files.walk(folder.resolve(part.name))) {
        for (Path file : files.filter(DamagedFolderTest::holdsData).toList()) {
          try (var channel =
              FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            what.way().harm(channel);
          }
        }
      }
    }
    return folder;
  }

  private static boolean holdsData(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file)
        && (name.matches(".*\\.(sst|log|snapshot|db)") || name.startsWith("epoch-"))
        && file.toFile().length() > 0;
  }

  private static List<String> asideIn(Path folder) throws IOException {
    var names = new ArrayList<String>();
    for (Path place : List.of(folder, folder.resolve("quarantine"))) {
      if (Files.exists(place)) {
        try (var files = Files.list(place)) {
          names.addAll(files.map(f -> f.getFileName().toString()).toList());
        }
      }
    }
    return names;
  }

  @Test
  void soundFolderIsTakenAsItIs() throws IOException {
    Path folder = damaged(new Case(EnumSet.noneOf(Part.class), Way.FLIPPED));
    try (var voter = openAmongThree(folder)) {
      assertThat(voter.state().stateMachine().applied()).isEqualTo(END);
      assertThat(voter.epochs().pledge()).isEqualTo(PLEDGE);
    }
    assertThat(folder.resolve("quarantine")).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void voterAmongOthersStartsWithItsPromiseAndKnowsWhetherItForgot(Case what) throws IOException {
    Path folder = damaged(what);
    try (var voter = openAmongThree(folder)) {
      var pledge = voter.epochs().pledge();
      assertThat(pledge.promised()).isEqualTo(PLEDGE.promised());
      assertThat(pledge.grantedTo()).isEqualTo(PLEDGE.grantedTo());
      assertThat(pledge.rebuilding()).isEqualTo(what.forgot());
    }
    String audit = Files.readString(folder.resolve("audit.jsonl"));
    for (Part part : what.parts()) {
      assertThat(asideIn(folder)).anyMatch(name -> name.endsWith(part.aside));
      if (part != Part.PROMISE) {
        assertThat(audit).contains("corrupt-found");
      }
    }
    // The mark of what was forgotten outlives restarts.
    try (var again = openAmongThree(folder)) {
      assertThat(again.epochs().pledge().rebuilding()).isEqualTo(what.forgot());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void loneVoterRefusesToForgetAndSaysWhatToDo(Case what) throws IOException {
    Path folder = damaged(what);
    for (int start = 0; start < 2; start++) {
      if (what.forgot()) {
        assertThatThrownBy(() -> open(folder, Map.of(SELF, 0)))
            .isInstanceOfSatisfying(
                Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
            .hasMessageContainingAll(
                "only voter",
                folder.resolve("log").toString(),
                what.parts().contains(Part.SNAPSHOT) || what.parts().contains(Part.CLUSTER)
                    ? folder.resolve("quarantine").toString()
                    : "backup");
      } else {
        try (var voter = open(folder, Map.of(SELF, 0))) {
          assertThat(voter.epochs().pledge().promised().isBefore(PLEDGE.promised())).isFalse();
          assertThat(voter.consensus().ledger().status().logEnd().index())
              .isGreaterThanOrEqualTo(END.index());
        }
      }
    }
  }

  @Test
  void bothCopiesOfThePromiseLostIsRefused() throws IOException {
    Path folder = damaged(new Case(EnumSet.of(Part.PROMISE), Way.FLIPPED));
    Files.write(folder.resolve("promise/epoch-b"), new byte[7]);
    assertThatThrownBy(() -> openAmongThree(folder))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContaining("both copies of the promise");
  }
}
