package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.Role;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Who changes the mode or the voters while the cluster is broken. One thread; changes go on beside
/// it.
final class Operator {
  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final Duration AGAIN = Duration.ofMillis(200);
  private static final Duration ANSWER = Duration.ofSeconds(1);

  /// @param happened whether it shows that the fault took place; a change of mode may be refused
  /// @param told what became of it, in words
  record Change(boolean happened, String told) {}

  private final Ticker ticker = Ticker.system();
  private final Ground ground;
  private final NodeFaults.Log log;

  /// Changes under way, by the number of their fault.
  private final Map<Integer, CompletableFuture<Change>> changes = new HashMap<>();

  /// @param log called from any thread
  Operator(Ground ground, NodeFaults.Log log) {
    this.ground = ground;
    this.log = log;
  }

  void beginSwitch(int number, String mode, List<String> nodes) {
    begin(number, () -> switchMode(mode, nodes));
  }

  void beginVoters(int number, boolean voters, List<String> nodes) {
    begin(number, () -> makeVoters(voters, nodes));
  }

  private void begin(int number, Supplier<Change> change) {
    changes.put(number, CompletableFuture.supplyAsync(change, Thread.ofVirtual()::start));
  }

  private ClusterClient client() {
    List<Endpoint> all = ground.voters().stream().map(ground::address).toList();
    return new ClusterClient(all, Optional.empty(), PATIENCE);
  }

  private Change switchMode(String mode, List<String> nodes) {
    try (var client = client()) {
      var request = SwitchModeRequest.newBuilder().setTargetMode(mode).build();
      var _ = client.call(c -> ModeServiceGrpc.newBlockingStub(c).switchMode(request));
      String told = "changed to " + mode;
      tell(nodes, told);
      return new Change(true, told);
    } catch (Refusal refusal) {
      // A refusal is an answer; silence shows nothing.
      boolean asked = refusal.reason() != Reason.UNREACHABLE;
      return new Change(asked, "not changed to " + mode + ": " + refusal.text());
    }
  }

  /// Repeats what was refused: whoever was killed in the middle comes back, and the next leader
  /// settles what the former one began. What was acknowledged has to be so, now and when the next
  /// change begins.
  private Change makeVoters(boolean voters, List<String> nodes) {
    if (!awaitListed(!voters, nodes)) {
      return new Change(false, "the change before was lost: the voters are " + listed());
    }
    Moment start = ticker.now();
    int refused = 0;
    try (var client = client()) {
      for (String node : nodes) {
        while (!change(client, voters, node, ticker.now().isBefore(start.plus(PATIENCE)))) {
          refused++;
          LockSupport.parkNanos(AGAIN.toNanos());
        }
      }
    } catch (Refusal refusal) {
      return new Change(false, "the voters were not changed: " + refusal.text());
    }
    String told =
        "%s %s after %d ms, refused %d times before"
            .formatted(
                String.join(", ", nodes),
                voters ? "made voters" : "voters no more",
                ticker.now().since(start).toMillis(),
                refused);
    tell(nodes, told);
    return awaitListed(voters, nodes)
        ? new Change(true, told)
        : new Change(false, told + ", but the voters are " + listed());
  }

  private void tell(List<String> nodes, String told) {
    nodes.forEach(node -> log.tell(node, NodeEvent.CHANGED, told));
  }

  /// Whether the leader comes to list these nodes as voters, or not.
  private boolean awaitListed(boolean voters, List<String> nodes) {
    Moment end = ticker.now().plus(PATIENCE);
    while (ticker.now().isBefore(end)) {
      List<String> listed = listed();
      if (!listed.isEmpty() && nodes.stream().allMatch(node -> listed.contains(node) == voters)) {
        return true;
      }
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return false;
  }

  /// The voters as the leader lists them; empty when nobody says that it leads.
  private List<String> listed() {
    for (String node : ground.voters()) {
      try (var client =
          new ClusterClient(List.of(ground.address(node)), Optional.empty(), ANSWER)) {
        var told =
            client.call(
                c ->
                    ElectionServiceGrpc.newBlockingStub(c)
                        .getLeadership(GetLeadershipRequest.getDefaultInstance()));
        if (told.getRole() == Role.ROLE_LEADER) {
          return told.getVotersList();
        }
      } catch (Refusal down) {
        // Another may lead.
      }
    }
    return List.of();
  }

  /// @return whether it is done
  private static boolean change(ClusterClient client, boolean voter, String node, boolean repeat) {
    try {
      if (voter) {
        var request = AddVoterRequest.newBuilder().setNodeId(node).build();
        var _ = client.call(c -> VoterServiceGrpc.newBlockingStub(c).addVoter(request));
      } else {
        var request = RemoveVoterRequest.newBuilder().setNodeId(node).build();
        var _ = client.call(c -> VoterServiceGrpc.newBlockingStub(c).removeVoter(request));
      }
      return true;
    } catch (Refusal refusal) {
      if (!repeat) {
        throw refusal;
      }
      return false;
    }
  }

  /// What became of a change.
  Change end(int number) throws InterruptedException {
    try {
      return Objects.requireNonNull(changes.remove(number))
          .get(5 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return new Change(false, "the change was not answered: " + e);
    }
  }
}
