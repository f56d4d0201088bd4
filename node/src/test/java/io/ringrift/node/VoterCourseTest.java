package io.ringrift.node;

import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.BULLY;
import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.RAFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Which voters a node goes by, and what it makes of what it hears.
class VoterCourseTest {
  private static final String VOTERS = "n1=127.0.0.1:8771,n2=127.0.0.1:8772,n3=127.0.0.1:8773";

  @TempDir private Path folder;

  private NodeConfig config(String node) {
    return config(node, VOTERS);
  }

  private NodeConfig config(String node, String voters) {
    return ConfigLoader.load(
        Optional.empty(),
        new Env(Map.of()),
        Map.of(
            "node_id",
            node,
            "port",
            "879" + node.charAt(1),
            "voters",
            voters,
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

  private VoterCourse started(String node, String voters) {
    var course = new VoterCourse(config(node, voters));
    course.remember();
    return course;
  }

  private static List<String> addresses(VoterCourse course) {
    return course.over(RAFT).voters().stream()
        .map(v -> v.id() + "=" + v.endpoint().port())
        .toList();
  }

  /// All nodes were down meanwhile, so that no list could be decided.
  @Test
  void addressesThatChangedSinceTheListAreInForceAndToldOverEveryRestart() {
    follow(started("n1", VOTERS), decided(list(4, "n1", "n2", "n4")), RAFT);
    var moved = VOTERS.replace("877", "977");
    var first = started("n1", moved);
    assertThat(addresses(first)).containsExactly("n1=9771", "n2=9772", "n4=8770");
    assertThat(addresses(started("n1", moved))).isEqualTo(addresses(first));
    assertThat(first.inForce().getVersion()).isEqualTo(4);
    assertThat(first.inForce().getVotersList())
        .extracting(v -> v.getNodeId() + "=" + v.getPort())
        .isEqualTo(addresses(first));
  }

  @Test
  void nextListWithOtherAddressesIsInForceAgainOverEveryRestart() {
    follow(started("n1", VOTERS), decided(list(4, "n1", "n2")), RAFT);
    var moved = VOTERS.replace("877", "977");
    var next = VoterList.newBuilder(list(5, "n1", "n2", "n3")).clearVoters();
    list(5, "n1", "n2", "n3")
        .getVotersList()
        .forEach(v -> next.addVoters(v.toBuilder().setPort(8700)));
    follow(started("n1", moved), decided(next.build()), RAFT);
    assertThat(addresses(started("n1", moved))).containsExactly("n1=8700", "n2=8700", "n3=8700");
  }

  /// Its folder tells nothing of the configuration that the list came behind.
  @Test
  void listOfAnOlderProgramIsInForceUntilTheConfigurationChanges() throws IOException {
    Files.writeString(
        folder.resolve("voters"),
        "version 4\njoined -\nprepared 0\nlineage -\nvoter n1 h 8770 4321 7947 0\n");
    assertThat(addresses(started("n1", VOTERS))).containsExactly("n1=8770");
    assertThat(addresses(started("n1", VOTERS))).containsExactly("n1=8770");
    assertThat(addresses(started("n1", VOTERS.replace("877", "977")))).containsExactly("n1=9771");
  }

  @Test
  void eachStartTellsWhoIsDialledByWhichWord() {
    follow(started("n1", VOTERS), decided(list(4, "n1", "n2", "n4")), RAFT);
    var moved = started("n1", VOTERS.replace("8771", "9771"));
    var logger = (Logger) LoggerFactory.getLogger(VoterCourse.class);
    var told = new ListAppender<ILoggingEvent>();
    told.start();
    logger.addAppender(told);
    moved.warn();
    logger.detachAppender(told);
    assertThat(told.list)
        .allMatch(line -> line.getLevel() == Level.WARN)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            line -> assertThat(line).contains("they are [n1, n2, n4]", "still says [n1, n2, n3]"),
            line ->
                assertThat(line)
                    .startsWith("n1 is dialled at 127.0.0.1:9771 ")
                    .contains("as the configuration says", "the list has 127.0.0.1:8770 "),
            line ->
                assertThat(line)
                    .startsWith("n2 is dialled at 127.0.0.1:8770 ")
                    .contains("as list 4", "the configuration has 127.0.0.1:8772 "));
  }

  @Test
  void nodeWithoutVotersKeepsNothingOfThem() {
    var _ = started("n1", "");
    assertThat(folder.resolve("voters")).doesNotExist();
    assertThat(folder.resolve("voter-places")).doesNotExist();
  }

  /// It refuses a list with lines that it does not know.
  @Test
  void olderProgramCanUseTheFolder() throws IOException {
    started("n1", VOTERS);
    assertThat(folder.resolve("voters")).doesNotExist();
    follow(started("n1", VOTERS), decided(list(4, "n1", "n2")), RAFT);
    started("n1", VOTERS.replace("877", "977"));
    assertThat(folder.resolve("voters"))
        .hasContent(
            """
            version 4
            joined -
            prepared 0
            lineage -
            voter n1 127.0.0.1 8770 4321 7947 0
            voter n2 127.0.0.1 8770 4321 7947 0
            """);
  }

  /// By an older program, or the last life ended before it wrote both files.
  @Test
  void listThatWasFollowedMeanwhileIsInForceAgainstFormerPlaces() throws IOException {
    follow(started("n1", VOTERS), decided(list(4, "n1", "n2")), RAFT);
    var moved = VOTERS.replace("877", "977");
    assertThat(addresses(started("n1", moved))).containsExactly("n1=9771", "n2=9772");
    Files.writeString(
        folder.resolve("voters"),
        "version 5\njoined -\nprepared 0\nlineage -\nvoter n1 h 8700 4321 7947 0\n");
    assertThat(addresses(started("n1", moved))).containsExactly("n1=8700");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "looked\n", "looked\nconfigured n1\nend\n", "what?\n"})
  void damagedPlacesAreNoEvidence(String left) throws IOException {
    follow(started("n1", VOTERS), decided(list(4, "n1")), RAFT);
    var moved = VOTERS.replace("877", "977");
    assertThat(addresses(started("n1", moved))).containsExactly("n1=9771");
    Files.writeString(folder.resolve("voter-places"), left);
    assertThat(addresses(started("n1", moved))).containsExactly("n1=8770");
    assertThat(addresses(started("n1", VOTERS))).as("kept anew").containsExactly("n1=8771");
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
