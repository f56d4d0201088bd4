package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.CheckCopiesResponse;
import io.ringrift.sync.v1.Conflict;
import io.ringrift.sync.v1.TooFewCopies;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two copies of each file are wanted among four nodes: whether they are there, and would be
/// without one of the nodes.
final class CopiesTest {
  private static final String X = "games/x.db";
  private static final String Y = "games/y.db";

  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = SyncCluster.withTarget(folder, 2, "a", "b", "c", "d");
    write(X, 1, "a", "b");
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void write(String path, int content, String... nodes) throws IOException {
    for (String node : nodes) {
      cluster.node(node).write(path, new byte[] {(byte) content});
      SyncCluster.age(cluster.node(node).root.resolve(path), Duration.ofHours(1));
    }
  }

  private void drain(String node) {
    cluster.views.add(NodeView.newBuilder().setNodeId(node).setDraining(true).build());
  }

  private VerifyFilesResponse verified() {
    return verifiedBy("c");
  }

  private VerifyFilesResponse verifiedBy(String node) {
    return cluster
        .node(node)
        .stub()
        .verifyFiles(VerifyFilesRequest.newBuilder().setCluster(true).build());
  }

  private CheckCopiesResponse without(String node) {
    return cluster
        .node("a")
        .stub()
        .checkCopies(CheckCopiesRequest.newBuilder().setNodeId(node).build());
  }

  private static TooFewCopies few(String path, int copies, int wanted) {
    return TooFewCopies.newBuilder().setPath(path).setCopies(copies).setWanted(wanted).build();
  }

  @Test
  void filesWithTheirCopiesAreSoundAlthoughNotEveryNodeHoldsThem() {
    var told = verified();

    assertThat(told.getSound()).isTrue();
    assertThat(told.getIdentical()).isFalse();
    assertThat(told.getReplicationTarget()).isEqualTo(2);
    assertThat(told.getPaths()).isEqualTo(1);
    assertThat(told.getTotalTooFew()).isZero();
    assertThat(told.getNodes(3).getMissingList()).containsExactly(X);
  }

  @Test
  void aFileWithTooFewCopiesIsNotSoundAndNamed() throws IOException {
    write(Y, 2, "d");

    var told = verified();

    assertThat(told.getSound()).isFalse();
    assertThat(told.getPaths()).isEqualTo(2);
    assertThat(told.getTotalTooFew()).isEqualTo(1);
    assertThat(told.getTooFewList()).containsExactly(few(Y, 1, 2));
  }

  /// Sync comes every minute here.
  @Test
  void aFileOfTheLastTwoRoundsMayHaveTooFewCopiesAndIsCountedApart() throws IOException {
    write(Y, 2, "d");
    SyncCluster.age(cluster.node("d").root.resolve(Y), Duration.ofSeconds(100));

    var told = verified();

    assertThat(told.getSound()).isTrue();
    assertThat(told.getTotalNew()).isEqualTo(1);
    assertThat(told.getTotalTooFew()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {130, -3600})
  void anOlderFileOrOneOfTheFutureIsNotNew(int seconds) throws IOException {
    write(Y, 2, "d");
    SyncCluster.age(cluster.node("d").root.resolve(Y), Duration.ofSeconds(seconds));

    var told = verified();

    assertThat(told.getSound()).isFalse();
    assertThat(told.getTotalNew()).isZero();
  }

  @Test
  void aNewCopyMakesNoOldFileNew() throws IOException {
    drain("b");
    SyncCluster.age(cluster.node("b").root.resolve(X), Duration.ZERO);

    assertThat(verified().getTooFewList()).containsExactly(few(X, 1, 2));
  }

  @Test
  void aCopyThatRottedIsNoneAndIsSoundOnceItWasReplaced() throws IOException {
    cluster.run();
    Path file = cluster.node("b").root.resolve(X);
    var time = Files.getLastModifiedTime(file);
    Files.write(file, new byte[] {9});
    Files.setLastModifiedTime(file, time);

    var told = verified();

    assertThat(told.getSound()).isFalse();
    assertThat(told.getNodes(1).getQuarantined(0).getRestored()).isTrue();
    assertThat(told.getTooFewList()).containsExactly(few(X, 1, 2));
    assertThat(verified().getSound()).isTrue();
  }

  @Test
  void twoContentsUnderOnePathAreNotSound() throws IOException {
    write(X, 7, "d");

    var told = verified();

    assertThat(told.getSound()).isFalse();
    assertThat(told.getConflictsList()).extracting(Conflict::getPath).containsExactly(X);
    assertThat(told.getTotalTooFew()).as("nobody knows of which").isZero();
  }

  @Test
  void whileANodeDoesNotTellNothingIsCalledSound() {
    cluster.node("d").cut();

    assertThat(verified().getSound()).isFalse();
  }

  @Test
  void fewerNodesThanWantedCopiesAreNoFault() {
    for (String gone : new String[] {"a", "c", "d"}) {
      cluster.node(gone).die();
    }

    assertThat(verifiedBy("b").getSound()).isTrue();
  }

  @Test
  void aNodeAloneTellsOfItsOwnFiles() {
    var own = cluster.node("b").stub().verifyFiles(VerifyFilesRequest.getDefaultInstance());

    assertThat(own.getSound()).isTrue();
  }

  @Test
  void copiesAtANodeThatDrainsDoNotCountAndAreMadeElsewhere() {
    drain("b");
    assertThat(verified().getTooFewList()).containsExactly(few(X, 1, 2));
    assertThat(without("b").getSpare()).isFalse();
    assertThat(without("b").getFiles()).isEqualTo(1);
    assertThat(without("b").getTooFewList()).containsExactly(few(X, 1, 2));

    assertThat(cluster.run().getFilesCompleted()).isEqualTo(1);

    assertThat(verified().getSound()).isTrue();
    assertThat(without("b").getSpare()).isTrue();
    assertThat(without("d").getSpare()).as("it holds nothing").isTrue();
  }

  @Test
  void whileNobodyTellsWhoDrainsNothingIsJudged() {
    cluster.drainsUnknown = true;

    for (ThrowingCallable call : List.<ThrowingCallable>of(() -> without("b"), () -> verified())) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e ->
                  assertThat(Errors.fromStatus(e).text())
                      .contains("does not tell which nodes drain"));
    }
  }

  @Test
  void theLastCopyKeepsItsNodeHoweverFewOthersThereAre() throws IOException {
    write(Y, 2, "d");
    for (String other : new String[] {"a", "b", "c"}) {
      drain(other);
    }

    assertThat(without("d").getTooFewList()).containsExactly(few(Y, 0, 1));
  }

  @Test
  void anotherContentUnderThePathIsNoCopy() throws IOException {
    write(X, 7, "d");

    assertThat(without("d").getTooFewList()).containsExactly(few(X, 0, 2));
  }

  @Test
  void aNodeThatDoesNotTellCountsAsOneThatMightHoldACopy() throws IOException {
    write(Y, 2, "a", "d");
    cluster.node("b").cut();
    cluster.node("c").cut();

    assertThat(without("d").getTooFewList()).containsExactly(few(Y, 1, 2));
  }

  @Test
  void aNodeThatIsNotAliveIsNotFound() {
    cluster.node("b").die();

    assertThatThrownBy(() -> without("b"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(Errors.fromStatus(e).reason().name()).isEqualTo("NODE_NOT_FOUND"));
  }

  @Test
  void ofANodeThatTellsNothingNobodyKnowsAnything() {
    cluster.node("b").cut();

    assertThatThrownBy(() -> without("b"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(Errors.fromStatus(e).reason().name()).isEqualTo("UNREACHABLE"));
  }
}
