package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.placement.v1.NodeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LivePlanTest {
  @TempDir private Path folder;

  private static LivePlan plan(List<String> names, List<String> allowed) {
    return LivePlan.of(List.of("127.0.0.1:1"), names, allowed, Optional.empty(), 1, Duration.ZERO);
  }

  @Test
  void namesAreDoneOrRefusedAndNothingTouchesANodeUnasked() {
    assertThat(plan(List.of(), List.of()).faults()).containsExactly(LiveFault.LOAD);
    assertThat(plan(List.of("all"), List.of()).faults())
        .containsExactly(LiveFault.LOAD, LiveFault.CONSUMERS);
    assertThat(plan(List.of("all"), List.of("drain")).faults())
        .containsExactly(LiveFault.LOAD, LiveFault.CONSUMERS, LiveFault.DRAIN);
    assertThat(plan(List.of("transfer", "load", "transfer"), List.of("transfer")).faults())
        .containsExactly(LiveFault.TRANSFER, LiveFault.LOAD);
    assertThatThrownBy(() -> plan(List.of("step-down"), List.of("transfer")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("SCENARIO")
        .hasMessageContaining("step-down")
        .hasMessageContaining("allowed by --allow step-down");
    assertThatThrownBy(() -> plan(List.of("majority-minority"), List.of()))
        .hasMessageContaining("majority-minority")
        .hasMessageContaining("load, consumers, transfer, step-down, drain")
        .hasMessageContaining("cut links");
    assertThatThrownBy(() -> plan(List.of(), List.of("kill")))
        .hasMessageContaining("--allow")
        .hasMessageContaining("kill");
  }

  private LivePlan withToken(Path file) {
    return LivePlan.of(
        List.of("127.0.0.1:1"),
        List.of("transfer"),
        List.of("transfer"),
        Optional.of(file),
        7,
        Duration.ZERO);
  }

  @Test
  void theTokenIsReadFromItsFileAndToldNowhere() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "s3cret\n");
    LivePlan plan = withToken(file);
    assertThat(plan.token()).contains("s3cret");
    var setup =
        new Clients.Setup(
            "p",
            Map.of("n1", plan.addresses().getFirst()),
            plan.token(),
            Duration.ofSeconds(1),
            file,
            1);
    assertThat(plan + " " + setup).contains("127.0.0.1:1").doesNotContain("s3cret");
    assertThat(plan.replay(LiveFault.TRANSFER))
        .isEqualTo(
            "bin/ringrift chaos run transfer --allow-live --address 127.0.0.1:1"
                + " --allow transfer --token-file FILE --seed 7");
    for (String wrong : List.of("", "two words", "x".repeat(5000))) {
      Files.writeString(file, wrong);
      assertThatThrownBy(() -> withToken(file))
          .hasMessageContaining("--token-file")
          .hasMessageContaining("one bearer token");
    }
    assertThatThrownBy(() -> withToken(folder.resolve("none")))
        .hasMessageContaining("--token-file")
        .hasMessageContaining("cannot be read");
  }

  private static List<NodeView> voters(int all, int alive) {
    var nodes = new ArrayList<NodeView>();
    for (int i = 0; i < all; i++) {
      nodes.add(
          NodeView.newBuilder().setVoter(true).setState(i < alive ? "ALIVE" : "DEAD").build());
    }
    // Who does not vote makes no quorum.
    nodes.add(NodeView.newBuilder().setState("ALIVE").build());
    return nodes;
  }

  private static void requireRoom(int all, int alive) {
    LiveStrike.requireRoom(LiveFault.TRANSFER, voters(all, alive));
  }

  @Test
  void aVoterIsTouchedOnlyWhereTheOthersAreAQuorum() {
    assertThatCode(() -> requireRoom(3, 3)).doesNotThrowAnyException();
    assertThatCode(() -> requireRoom(5, 4)).doesNotThrowAnyException();
    assertThatThrownBy(() -> requireRoom(3, 2))
        .hasMessageContaining("2 of 3 voters are alive and 2 are a quorum");
    assertThatThrownBy(() -> requireRoom(5, 3)).hasMessageContaining("none can be spared");
    assertThatThrownBy(() -> requireRoom(1, 1)).hasMessageContaining("none can be spared");
    assertThatThrownBy(() -> requireRoom(2, 2)).hasMessageContaining("none can be spared");
  }
}
