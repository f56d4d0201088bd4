package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The newer word of an address counts: the decided list's or the configuration's.
class VoterPlacesTest {
  private static final List<Voter> NO_LIST = List.of();
  private static final List<Voter> A = voters("a", 100, "n1", "n2", "n3");
  private static final List<Voter> B = voters("b", 200, "n1", "n2", "n3");
  private static final List<Voter> C = voters("c", 300, "n1", "n2", "n3");

  private static Voter voter(String id, String host, int ports) {
    return new Voter(new NodeId(id), new Endpoint(host, ports), 0, ports + 1, ports + 2);
  }

  private static List<Voter> voters(String host, int ports, String... ids) {
    return List.of(ids).stream().map(id -> voter(id, host, ports)).toList();
  }

  /// A node that was there when the list was decided, and had that in its file.
  private static VoterPlaces after(List<Voter> file, List<Voter> list) {
    return VoterPlaces.NONE.look(file, NO_LIST).follow(list);
  }

  @Test
  void listCountsWhileTheConfigurationIsAsItWas() {
    var places = after(A, B).look(A, B).look(A, B);
    assertThat(places.placed(B, A)).isEqualTo(B);
  }

  @Test
  void configurationThatChangedSinceTheListCountsOverEveryRestart() {
    var places = after(A, A).look(C, A).look(C, A);
    assertThat(places.placed(A, C)).isEqualTo(C);
  }

  @Test
  void changeOfOnePortAloneCounts() {
    var first = A.get(0);
    var moved = List.of(new Voter(first.id(), first.endpoint(), 0, 999, first.swimPort()));
    assertThat(after(A, A).look(moved, A).placed(List.of(first), moved)).isEqualTo(moved);
  }

  @Test
  void rankIsTheLists() {
    var ranked = List.of(new Voter(new NodeId("n1"), C.get(0).endpoint(), 9, 301, 302));
    var places = after(A, A).look(ranked, A);
    assertThat(places.placed(A, ranked).get(0)).isEqualTo(C.get(0));
    assertThat(after(C, C).look(ranked, C).replaced()).isEmpty();
  }

  @Test
  void eachEntryIsWeighedByItself() {
    var mixed = List.of(C.get(0), A.get(1), A.get(2));
    var places = after(A, B).look(mixed, B);
    assertThat(places.placed(B, mixed)).containsExactly(C.get(0), B.get(1), B.get(2));
  }

  @Test
  void whoIsAVoterIsTheListsToSay() {
    var list = List.of(A.get(0), voter("n4", "d", 400));
    var places = after(A, list).look(C, list);
    assertThat(places.placed(list, C)).containsExactly(C.get(0), voter("n4", "d", 400));
  }

  /// It joined by a list that it did not hold yet when all addresses changed.
  @Test
  void newcomerThatHearsOfItsListAfterTheMoveGoesByTheConfiguration() {
    var without = A.subList(0, 2);
    var places = after(A, without).look(C, without).follow(A);
    assertThat(places.placed(A, C)).isEqualTo(C);
  }

  @Test
  void entryThatIsNamedLateCountsWhereItDiffers() {
    var places = after(List.of(), A).look(C, A);
    assertThat(places.placed(A, C)).isEqualTo(C);
    assertThat(after(List.of(), A).look(A, A).replaced()).isEmpty();
  }

  @Test
  void entryThatIsLostAndComesBackAsItWasIsNoChange() {
    var places = after(A, B).look(List.of(), B);
    assertThat(places.placed(B, List.of())).isEqualTo(B);
    assertThat(places.look(A, B).placed(B, A)).isEqualTo(B);
    var changed = after(A, A).look(C, A).look(List.of(), A);
    assertThat(changed.placed(A, List.of())).isEqualTo(A);
    assertThat(changed.look(C, A).placed(A, C)).isEqualTo(C);
  }

  @Test
  void voterMayGoBackToItsFormerAddress() {
    var places = after(A, B).look(C, B).look(A, B);
    assertThat(places.placed(B, A)).isEqualTo(A);
  }

  /// The folder of an older program does not tell, and files were allowed to stay behind.
  @Test
  void withoutEvidenceTheListCountsUntilTheConfigurationChanges() {
    var places = VoterPlaces.NONE.look(A, B);
    assertThat(places.placed(B, A)).isEqualTo(B);
    assertThat(places.look(C, B).placed(B, C)).isEqualTo(C);
  }

  @Test
  void newerListWithAnotherAddressCountsAgain() {
    var places = after(A, A).look(C, A).follow(B);
    assertThat(places.placed(B, C)).isEqualTo(B);
    assertThat(places.look(C, B).placed(B, C)).isEqualTo(B);
  }

  /// A voter moved by command while this node was down, and its file was set to that or not.
  @Test
  void whoSkippedAListDialsTheVoterThatItMovedWhereItIs() {
    var list = List.of(A.get(0), A.get(1), B.get(2));
    assertThat(after(A, A).look(A, A).follow(list).placed(list, A)).isEqualTo(list);
    var file = List.of(A.get(0), A.get(1), C.get(2));
    assertThat(after(A, A).look(file, A).follow(list).placed(list, file)).isEqualTo(list);
  }

  /// All moved while they were down, and the log of this one had not the last list yet.
  @Test
  void listThatIsHeardOfLateDoesNotUndoAMove() {
    var places = after(A, A).look(C, A);
    var list = A.subList(0, 2);
    assertThat(places.follow(list).placed(list, C)).isEqualTo(C.subList(0, 2));
  }

  @Test
  void firstListThatIsHeardOfLateDoesNotUndoAMove() {
    var places = VoterPlaces.NONE.look(A, NO_LIST).look(C, NO_LIST).look(C, NO_LIST);
    assertThat(places.follow(A).placed(A, C)).isEqualTo(C);
    assertThat(places.follow(B).placed(B, C)).isEqualTo(B);
  }

  @Test
  void whatWasReplacedIsForgottenWithTheVoter() {
    var places = after(A, A).look(C, A).follow(A.subList(0, 2)).follow(A);
    assertThat(places.placed(A, C)).containsExactly(C.get(0), C.get(1), A.get(2));
  }
}
