package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The cluster says who is a voter, the configuration where.
class VoterPlacesTest {
  private static final List<Voter> NONE = List.of();
  private static final Voter FORMER = voter("n1", "former", 5, 100);
  private static final Voter NEW = voter("n1", "new", 5, 200);
  private static final Voter ADDED = voter("n4", "added", 0, 400);

  private static Voter voter(String id, String host, int priority, int ports) {
    return new Voter(new NodeId(id), new Endpoint(host, ports), priority, ports + 1, ports + 2);
  }

  @Test
  void hostAndEveryPortAreTheConfigurations() {
    assertThat(VoterPlaces.placed(List.of(FORMER), List.of(NEW), NONE)).containsExactly(NEW);
  }

  @Test
  void rankIsTheClusters() {
    var configured = List.of(voter("n1", "new", 9, 200));
    assertThat(VoterPlaces.placed(List.of(FORMER), configured, NONE)).containsExactly(NEW);
  }

  @Test
  void whoIsAVoterIsTheClustersToSay() {
    var configured = List.of(voter("n3", "removed", 0, 300), NEW);
    assertThat(VoterPlaces.placed(List.of(ADDED, FORMER), configured, NONE))
        .containsExactly(ADDED, NEW);
  }

  @Test
  void withoutConfiguredVotersTheListStaysAsItIs() {
    assertThat(VoterPlaces.placed(List.of(FORMER, ADDED), NONE, NONE))
        .containsExactly(FORMER, ADDED);
  }

  @Test
  void whoIsAddedElsewhereOverrulesTheConfigurationUntilItChanges() {
    var stale = voter("n4", "stale", 7, 300);
    var overruled = VoterPlaces.overruled(List.of(NEW), List.of(NEW, ADDED), List.of(stale), NONE);
    assertThat(overruled).containsExactly(stale);
    assertThat(VoterPlaces.placed(List.of(ADDED), List.of(stale), overruled))
        .containsExactly(ADDED);
    var corrected = voter("n4", "corrected", 0, 301);
    assertThat(VoterPlaces.placed(List.of(ADDED), List.of(corrected), overruled))
        .containsExactly(corrected);
  }

  @Test
  void whoWasAVoterBeforeOverrulesNothing() {
    assertThat(VoterPlaces.overruled(List.of(FORMER), List.of(FORMER, ADDED), List.of(NEW), NONE))
        .isEmpty();
  }

  @Test
  void whoIsAddedWhereTheConfigurationHasItOverrulesNothing() {
    var ranked = voter("n4", "added", 9, 400);
    assertThat(VoterPlaces.overruled(NONE, List.of(ADDED), List.of(ranked), NONE)).isEmpty();
  }

  @Test
  void overrulingLastsAsLongAsTheVoterIsOne() {
    var stale = List.of(voter("n4", "stale", 0, 300));
    assertThat(VoterPlaces.overruled(List.of(ADDED), List.of(ADDED, NEW), stale, stale))
        .isEqualTo(stale);
    assertThat(VoterPlaces.overruled(List.of(ADDED, NEW), List.of(NEW), stale, stale)).isEmpty();
  }
}
