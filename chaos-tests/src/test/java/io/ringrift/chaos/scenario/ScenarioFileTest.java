package io.ringrift.chaos.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScenarioFileTest {
  private static final String GOOD =
      """
      name: tested
      description: what is done
      grounds: [process, netns]
      not_on: {sim: it is a test}
      nodes: 5
      faults:
        - {kind: cut, at: 2s, for: 500ms, targets: leader, to: followers, one_way: true}
      expect: {leader_within: 7s, new_leader: true}
      """;

  @Test
  void readsWhatTheFileSaysAndFillsInTheRest() {
    Scenario scenario = ScenarioFile.parse("tested.yaml", GOOD);
    FaultSpec cut = scenario.faults().getFirst();
    assertThat(cut.kind()).isEqualTo(FaultKind.CUT);
    assertThat(cut.end()).isEqualTo(Duration.ofMillis(2500));
    assertThat(cut.flag("one_way")).isTrue();
    assertThat(scenario.nodes()).isEqualTo(5);
    assertThat(scenario.timing()).isEqualTo("local");
    assertThat(scenario.modes()).hasSize(3);
    assertThat(scenario.expect().leaderWithin()).isEqualTo(Duration.ofSeconds(7));
    assertThat(scenario.cannotRunOn(GroundKind.SIM)).contains("it is a test");
    assertThat(scenario.cannotRunOn(GroundKind.PROCESS)).isEmpty();
  }

  @Test
  void everyFaultOfAFileIsToldAtOnceWithFieldValueAndRule() {
    String bad =
        """
        name: Tested!
        grounds: [process, mars]
        not_on: {sim: x, netns: y}
        nodes: 3
        colour: red
        load: {clients: 99}
        faults:
          - {kind: cut, at: 2s, targets: n9}
          - {kind: melt}
          - {kind: delay, targets: leader, to: followers, delay: soon}
        """;
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", bad))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("scenario bad.yaml has")
        .hasMessageContaining("name is \"Tested!\" but must be")
        .hasMessageContaining("description is \"\"")
        .hasMessageContaining("grounds is \"mars\" but must be one of process, netns, sim")
        .hasMessageContaining("colour is \"red\"")
        .hasMessageContaining("load.clients is \"99\" but must be a whole number from 1 to 32")
        .hasMessageContaining("faults[0].to is \"\" but must be given for cut")
        .hasMessageContaining("faults[0].targets is \"n9\" but must be n1 to n3")
        .hasMessageContaining("faults[1].kind is \"melt\"")
        .hasMessageContaining("faults[2].delay is \"soon\"");
  }

  @Test
  void groundThatCannotDoAFaultIsRefusedWithItsReason() {
    String bad = GOOD.replace("kind: cut", "kind: delay, delay: 1s").replace(", one_way: true", "");
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", bad))
        .hasMessageContaining(
            "grounds is \"netns\" but must be left out for delay: a packet filter");
  }

  @Test
  void jumpOfAClockThatNobodyCouldSeeIsRefused() {
    String jump =
        GOOD.replace("kind: cut", "kind: clock_jump, by: 9s")
            .replace(", to: followers, one_way: true", "");
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", jump))
        .hasMessageContaining("faults[0].by is \"9s\" but must be at least 10s: nodes tell");
    assertThat(ScenarioFile.parse("good.yaml", jump.replace("9s", "10s")).faults()).hasSize(1);
    assertThat(
            ScenarioFile.parse("good.yaml", jump.replace("9s", "10s, behind: true"))
                .faults()
                .getFirst()
                .flag("behind"))
        .isTrue();
  }

  @Test
  void aLinkThatFlapsWithoutEndOrForNobodyIsRefused() {
    String flap = "kind: flap, every: 300ms";
    String good = GOOD.replace("kind: cut", flap).replace(", to: followers, one_way: true", "");
    assertThat(ScenarioFile.parse("good.yaml", good).faults()).hasSize(1);
    for (String every : List.of("every: 0s", "every: 1ms")) {
      assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", good.replace("every: 300ms", every)))
          .hasMessageContaining("faults[0].every is \"" + every.substring(7))
          .hasMessageContaining("but must be at least 50ms, and a 100th of for");
    }
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", good.replace("for: 500ms", "for: 2m")))
        .hasMessageContaining("faults[0].every is \"300ms\" but must be at least 50ms");
    assertThatThrownBy(
            () -> ScenarioFile.parse("bad.yaml", good.replace("targets: leader", "targets: []")))
        .hasMessageContaining("faults[0].targets is \"\" but must be n1 to n5");
  }

  @Test
  void nodesBesideTheVotersAreStruckWhereThereAreSomeAndOnRealGroundsAlone() {
    String worker = GOOD.replace("targets: leader", "targets: w1");
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", worker))
        .hasMessageContaining("faults[0].targets is \"w1\" but must be n1 to n5, or one of all");
    Scenario read = ScenarioFile.parse("good.yaml", worker + "workers: 1\n");
    assertThat(read.faults().getFirst().targets()).containsExactly("w1");
    assertThatThrownBy(
            () -> ScenarioFile.parse("bad.yaml", worker.replace("w1", "w2") + "workers: 1\n"))
        .hasMessageContaining("faults[0].targets is \"w2\" but must be n1 to n5, w1 to w1");
    String simulated = worker.replace("[process, netns]", "[process, netns, sim]");
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", simulated + "workers: 1\n"))
        .hasMessageContaining("grounds is \"sim\" but must be left out with workers: the sim");
  }

  @Test
  void modesOtherThanThatOfTheRunAreFoundWhenItIsKnown() {
    String text =
        GOOD.replaceAll(
            "  - .*",
            """
              - {kind: switch_mode, at: 2s, for: 1s, mode: other}
              - {kind: switch_mode, at: 4s, for: 1s, mode: another}
              - {kind: config, at: 6s, for: 1s, targets: n1, setting: consensus_mode, value: other}
              - {kind: config, at: 8s, for: 1s, targets: n1, setting: cluster_id, value: other}
            """
                .stripTrailing());
    List<FaultSpec> faults = ScenarioFile.parse("good.yaml", text).faults();
    for (ConsensusMode mode : ConsensusMode.values()) {
      List<FaultSpec> known = faults.stream().map(fault -> OtherModes.of(fault, mode)).toList();
      assertThat(List.of(known.get(0).text("mode"), known.get(1).text("mode")))
          .doesNotHaveDuplicates()
          .doesNotContain(mode.name().toLowerCase(Locale.ROOT))
          .isSubsetOf("bully", "raft", "hybrid");
      assertThat(known.get(2).text("value")).isEqualTo(known.get(0).text("mode"));
      assertThat(known.get(3).text("value")).isEqualTo("other");
    }
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", text.replace("another", "any")))
        .hasMessageContaining(
            "faults[1].mode is \"any\" but must be one of bully, raft, hybrid, oth");
  }

  @Test
  void aFaultWithoutAnEndIsRefused() {
    for (String without : List.of("", ", for: 0s")) {
      assertThatThrownBy(
              () -> ScenarioFile.parse("bad.yaml", GOOD.replace(", for: 500ms", without)))
          .hasMessageContaining("scenario bad.yaml has 1 fault;")
          .hasMessageContaining(
              "faults[0].for is \"%s\" but must be above 0"
                  .formatted(without.isEmpty() ? "" : "0s"));
    }
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", GOOD.replace("500ms", "soon")))
        .hasMessageContaining("scenario bad.yaml has 1 fault;");
  }

  private static String odd(String setting, String value) {
    return GOOD.replaceAll(
        "  - .*",
        "  - {kind: config, at: 1s, for: 1s, targets: n1, setting: %s, value: %s}"
            .formatted(setting, value));
  }

  @ParameterizedTest
  @CsvSource({
    "lease_duratoin, 9s, setting is \"lease_duratoin\" but must be one of cluster_id",
    "bind_host, 0.0.0.0, setting is \"bind_host\"",
    "lease_duration, soon, value is \"soon\" but must be a duration",
    "renew_interval, 0s, value is \"0s\" but must be above 0",
    "consensus_mode, paxos, 'value is \"paxos\" but must be one of bully, raft, hybrid, other'",
    "membership_mode, other, 'value is \"other\" but must be one of http, swim, hybrid'",
    "cluster_id, --insecure, value is \"--insecure\" but must be 1 to 40"
  })
  void settingThatWouldEndTheNodeIsRefused(String setting, String value, String told) {
    assertThatThrownBy(() -> ScenarioFile.parse("bad.yaml", odd(setting, value)))
        .hasMessageContaining("scenario bad.yaml has 1 fault;")
        .hasMessageContaining("faults[0]." + told);
  }

  @ParameterizedTest
  @CsvSource({
    "lease_duration, 9s",
    "renew_interval, 500ms",
    "raft_election_timeout, 2s",
    "consensus_mode, raft",
    "consensus_mode, another",
    "membership_mode, swim",
    "cluster_id, another"
  })
  void settingsThatNodesCompareAreTaken(String setting, String value) {
    assertThat(ScenarioFile.parse("good.yaml", odd(setting, value)).faults()).hasSize(1);
  }

  @Test
  void groundIsNeverLeftOutInSilence() {
    assertThatThrownBy(
            () -> ScenarioFile.parse("bad.yaml", GOOD.replace("not_on: {sim: it is a test}\n", "")))
        .hasMessageContaining("not_on.sim is \"\" but must be the reason");
  }

  @Test
  void everyScenarioOfTheSuiteIsReadAndHasANameOfItsOwn() {
    List<Scenario> all = Scenarios.all();
    assertThat(all).isNotEmpty();
    assertThat(new HashSet<>(all.stream().map(Scenario::name).toList())).hasSameSizeAs(all);
    for (Scenario scenario : all) {
      for (GroundKind ground : GroundKind.values()) {
        assertThat(scenario.grounds().contains(ground))
            .as("%s on %s", scenario.name(), ground)
            .isEqualTo(scenario.cannotRunOn(ground).isEmpty());
      }
    }
  }

  /// A busy machine takes more than eight seconds for the start alone.
  @Test
  void everyNodeWithOtherSettingsHasTimeToStartAndBeRefused() {
    assertThat(Scenarios.all().stream().flatMap(scenario -> scenario.faults().stream()))
        .filteredOn(fault -> fault.kind() == FaultKind.CONFIG)
        .isNotEmpty()
        .allMatch(fault -> fault.lasting().compareTo(Duration.ofSeconds(14)) >= 0);
  }

  @Test
  void aScenarioIsCalledAsTheCommandLineCallsIt() {
    assertThat(Scenarios.of("ring").origin().word()).isEqualTo("ring");
    assertThat(ScenarioFile.parse("my/own.yaml", GOOD).origin())
        .isEqualTo(new Scenario.Origin("my/own.yaml", GOOD));
  }

  @Test
  void unknownScenarioIsRefusedWithWhatToDo() {
    assertThatThrownBy(() -> Scenarios.of("no-such"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("there is no scenario no-such; \"chaos list\" shows all");
  }

  @Test
  void wordsMeanNodesWhenTheFaultStrikes() {
    var nodes = List.of("n1", "n2", "n3", "n4", "n5");
    var targets = new Targets(nodes, List.of("w1", "w2"), new SplittableRandom(7));
    var leader = Optional.of("n4");
    assertThat(targets.resolve(List.of("leader"), leader, List.of())).containsExactly("n4");
    assertThat(targets.resolve(List.of("followers"), leader, List.of()))
        .containsExactly("n1", "n2", "n3", "n5");
    assertThat(targets.resolve(List.of("minority"), leader, List.of()))
        .hasSize(2)
        .doesNotContain("n4");
    assertThat(targets.resolve(List.of("leader-minority"), leader, List.of()))
        .hasSize(2)
        .contains("n4");
    assertThat(targets.resolve(List.of("majority"), leader, List.of())).hasSize(3);
    assertThat(targets.resolve(List.of("others"), leader, List.of("n1", "n2")))
        .containsExactly("n3", "n4", "n5");
    assertThat(targets.resolve(List.of("worker"), leader, List.of()))
        .hasSize(1)
        .isSubsetOf("w1", "w2");
    assertThat(targets.resolve(List.of("workers"), leader, List.of())).containsExactly("w1", "w2");
    assertThat(targets.resolve(List.of("w2", "all"), leader, List.of())).hasSize(6).contains("w2");
    assertThat(targets.parts(2, List.of("n2")))
        .allMatch(half -> half.size() == 2 && !half.contains("n2"));
    assertThat(targets.parts(3, List.of()).stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(nodes);
  }
}
