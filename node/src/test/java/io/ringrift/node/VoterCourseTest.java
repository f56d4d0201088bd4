package io.ringrift.node;

import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.BULLY;
import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.RAFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which voters a node goes by, and what it makes of what it hears.
class VoterCourseTest {
  private static final String VOTERS = "n1=127.0.0.1:8771,n2=127.0.0.1:8772,n3=127.0.0.1:8773";

  @TempDir private Path folder;

  private NodeConfig config(String node) {
    return ConfigLoader.load(
        Optional.empty(),
        new Env(Map.of()),
        Map.of(
            "node_id",
            node,
            "port",
            "879" + node.charAt(1),
            "voters",
            VOTERS,
            "state_dir",
            folder.toString(),
            "data_root",
            folder.toString()));
  }

  private static VoterList list(long version, String... names) {
    var list = VoterList.newBuilder().setVersion(version);
    for (String name : names) {
      list.addVoters(
          VoterEntry.newBuilder()
              .setNodeId(name)
              .setHost("127.0.0.1")
              .setPort(8770)
              .setRaftPort(4321)
              .setSwimPort(7947));
    }
    return list.build();
  }

  private static VoterList of(String lineage, VoterList list) {
    return list.toBuilder().setLineage(lineage).build();
  }

  private static GetVoterListResponse decided(VoterList list) {
    return GetVoterListResponse.newBuilder()
        .setDecided(list)
        .setLastVersion(list.getVersion())
        .setLogId("lab#2")
        .build();
  }

  private static GetVoterListResponse pending(VoterList list) {
    return GetVoterListResponse.newBuilder()
        .setPending(list)
        .setLastVersion(list.getVersion())
        .setLogId("lab#2")
        .build();
  }

  private static void follow(VoterCourse course, GetVoterListResponse heard, ConsensusMode mode) {
    course.take(course.step(heard, mode).orElseThrow(), mode);
  }

  private static List<String> voters(VoterCourse course, ConsensusMode mode) {
    return course.over(mode).voters().stream().map(v -> v.id().value()).toList();
  }

  @Test
  void decidedListWinsOverTheConfigurationAndOverARestart() {
    var course = new VoterCourse(config("n1"));
    assertThat(voters(course, BULLY)).containsExactly("n1", "n2", "n3");
    follow(course, decided(list(4, "n1", "n2")), BULLY);
    var again = new VoterCourse(config("n1"));
    assertThat(voters(again, BULLY)).containsExactly("n1", "n2");
    assertThat(again.over(BULLY).succession().version()).isEqualTo(4);
  }

  @Test
  void olderListIsNotFollowed() {
    var course = new VoterCourse(config("n1"));
    follow(course, decided(list(4, "n1", "n2")), BULLY);
    assertThat(course.step(decided(list(4, "n1", "n2")), BULLY)).isEmpty();
    assertThat(course.step(decided(list(3, "n1", "n2", "n3")), BULLY)).isEmpty();
    assertThat(course.step(GetVoterListResponse.getDefaultInstance(), BULLY)).isEmpty();
  }

  @Test
  void listOfAFormerClusterIsNotFollowedHoweverGreatItsNumber() {
    var course = new VoterCourse(config("n1"));
    follow(course, decided(of("here", list(4, "n1", "n2"))), RAFT);
    var again = new VoterCourse(config("n1"));
    assertThat(again.step(decided(of("former", list(9, "n1", "n9"))), RAFT)).isEmpty();
    assertThat(again.step(pending(of("former", list(10, "n1", "n9"))), RAFT)).isEmpty();
    assertThat(again.step(decided(of("here", list(5, "n1"))), RAFT)).isPresent();
    assertThat(again.inForce().getLineage()).isEqualTo("here");
  }

  @Test
  void newcomerThatIsPreparedHasNoLineageUntilItsListIsDecided() {
    var course = new VoterCourse(config("n4"));
    follow(course, pending(of("here", list(1, "n1", "n2", "n3", "n4"))), RAFT);
    assertThat(course.step(decided(of("other", list(2, "n1"))), RAFT)).isPresent();
  }

  @Test
  void newcomerBeginsWithAnEmptyLogOfTheOthersLife() throws IOException {
    var course = new VoterCourse(config("n4"));
    follow(course, decided(list(1, "n1", "n2", "n3", "n4")), BULLY);
    assertThat(folder.resolve("engine")).hasContent("bully 2 empty");
    assertThat(course.over(BULLY).succession().joinedLog()).isEqualTo("lab#2");
  }

  @Test
  void voterThatStaysOneKeepsItsLog() {
    follow(new VoterCourse(config("n1")), decided(list(1, "n1", "n2")), BULLY);
    assertThat(folder.resolve("engine")).doesNotExist();
  }

  @Test
  void newcomerThatWasPreparedKeepsWhatItWasSent() throws IOException {
    var course = new VoterCourse(config("n4"));
    follow(course, pending(list(1, "n1", "n2", "n3", "n4")), RAFT);
    assertThat(voters(course, RAFT)).contains("n4");
    assertThat(course.inForce().getVersion()).isZero();
    Files.delete(folder.resolve("engine"));

    var restarted = new VoterCourse(config("n4"));
    assertThat(voters(restarted, RAFT)).doesNotContain("n4");
    follow(restarted, pending(list(1, "n1", "n2", "n3", "n4")), RAFT);
    follow(restarted, decided(list(1, "n1", "n2", "n3", "n4")), RAFT);
    assertThat(voters(restarted, RAFT)).contains("n4");
    assertThat(folder.resolve("engine")).doesNotExist();
  }

  @Test
  void newcomerKeepsACountedLogWhenItHearsOfTheNextListOnly() throws IOException {
    follow(new VoterCourse(config("n4")), pending(list(1, "n1", "n2", "n3", "n4")), RAFT);
    Files.delete(folder.resolve("engine"));

    var restarted = new VoterCourse(config("n4"));
    follow(restarted, decided(list(2, "n2", "n3", "n4")), RAFT);
    assertThat(voters(restarted, RAFT)).containsExactly("n2", "n3", "n4");
    assertThat(folder.resolve("engine")).doesNotExist();
  }

  @Test
  void voterThatWasRemovedBeginsEmptyWhenItIsAddedAgain() {
    var course = new VoterCourse(config("n4"));
    follow(course, decided(list(1, "n1", "n2", "n3", "n4")), BULLY);
    follow(course, decided(list(2, "n1", "n2", "n3")), BULLY);
    assertThat(course.over(BULLY).succession().joinedLog()).isEmpty();
    assertThat(folder.resolve("engine").toFile().delete()).isTrue();
    follow(course, decided(list(3, "n1", "n2", "n3", "n4")), BULLY);
    assertThat(folder.resolve("engine")).exists();
  }

  @Test
  void listThatWasGivenUpIsNotPreparedForAgain() {
    var course = new VoterCourse(config("n4"));
    follow(course, pending(list(1, "n1", "n2", "n3", "n4")), RAFT);
    follow(course, GetVoterListResponse.newBuilder().setLastVersion(1).build(), RAFT);
    assertThat(course.step(pending(list(1, "n1", "n2", "n3", "n4")), RAFT)).isEmpty();
    assertThat(course.step(pending(list(2, "n1", "n2", "n3", "n4")), RAFT)).isPresent();
  }

  @Test
  void listThatWasGivenUpLeavesTheNewcomerAPlainNode() {
    var course = new VoterCourse(config("n4"));
    follow(course, pending(list(1, "n1", "n2", "n3", "n4")), RAFT);
    var over = GetVoterListResponse.newBuilder().setLastVersion(1).build();
    follow(course, over, RAFT);
    assertThat(voters(course, RAFT)).containsExactly("n1", "n2", "n3");
  }

  @Test
  void listThatIsNotDecidedConcernsNewcomersOfRaftOnly() {
    assertThat(new VoterCourse(config("n1")).step(pending(list(1, "n1", "n2")), RAFT)).isEmpty();
    assertThat(new VoterCourse(config("n4")).step(pending(list(1, "n1", "n4")), BULLY)).isEmpty();
  }

  @Test
  void damagedListIsToldWithWhatToDo() throws IOException {
    Files.writeString(folder.resolve("voters"), "version x\n");
    assertThatThrownBy(() -> new VoterCourse(config("n1")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("copy the one of another node");
  }
}
