package io.ringrift.node.cli;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.TransferLeadershipRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.Member;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.state.v1.SwitchModeResponse;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.JobCounts;
import io.ringrift.status.v1.StatusServiceGrpc;
import io.ringrift.status.v1.WorkCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift cluster …`
@Command(
    name = "cluster",
    description = "Who is here, who leads, and moving leadership.",
    subcommands = {
      ClusterCommand.Status.class,
      ClusterCommand.Members.class,
      ClusterCommand.Leader.class,
      ClusterCommand.StepDown.class,
      ClusterCommand.Transfer.class,
      ClusterCommand.Switch.class,
      VotersCommand.class
    },
    mixinStandardHelpOptions = true)
final class ClusterCommand {
  @Command(name = "status", description = "The cluster at a glance, as one node sees it.")
  static final class Status extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      GetStatusResponse status =
          client.call(
              c ->
                  StatusServiceGrpc.newBlockingStub(c)
                      .getStatus(GetStatusRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(status);
      } else {
        print(status, printer);
      }
      return "unhealthy".equals(status.getHealthCheck().getStatus())
          ? ExitCodes.FAILED
          : ExitCodes.OK;
    }

    private static void print(GetStatusResponse s, Printer printer) {
      var pairs = new ArrayList<List<String>>();
      pairs.add(List.of("cluster", s.getClusterId()));
      pairs.add(
          List.of(
              "modes",
              "membership " + s.getMembershipMode() + ", consensus " + s.getConsensusMode()));
      pairs.add(List.of("asked", s.getNodeId() + " (" + s.getRole() + ")"));
      pairs.add(
          List.of(
              "leader",
              s.getLeaderId().isEmpty()
                  ? "none known; writes wait until a quorum elects one"
                  : s.getLeaderId() + " in epoch " + s.getEpoch()));
      pairs.add(
          List.of(
              "voters",
              s.getVotersAlive()
                  + " of "
                  + s.getVoterNodeIdsCount()
                  + " alive, quorum "
                  + s.getVoterQuorumSize()));
      pairs.add(List.of("members", s.getAlivePeers() + " of " + s.getTotalPeers() + " alive"));
      pairs.add(List.of("jobs", jobs(s.getJobs())));
      pairs.add(List.of("queue", queue(s.getWork())));
      pairs.add(
          List.of("ledger", "commit " + s.getCommitIndex() + ", applied " + s.getAppliedIndex()));
      pairs.add(List.of("health", s.getHealthCheck().getStatus()));
      printer.pairs(pairs);
      s.getManagersMap().entrySet().stream()
          .filter(e -> !e.getValue().getHealthy())
          .forEach(e -> printer.line("  " + e.getKey() + ": " + e.getValue().getMessage()));
    }

    private static String jobs(JobCounts jobs) {
      return jobs.getRunning()
          + " running, "
          + jobs.getPending()
          + " pending, "
          + jobs.getCompleted24H()
          + " completed in 24 h";
    }

    private static String queue(WorkCounts work) {
      return work.getRunning()
          + work.getClaimed()
          + " at workers, "
          + work.getPending()
          + " pending, "
          + work.getCompleted()
          + " completed in 24 h";
    }
  }

  @Command(name = "members", description = "Members as one node sees them.")
  static final class Members extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var answer =
          client.call(
              c ->
                  MembershipServiceGrpc.newBlockingStub(c)
                      .listMembers(ListMembersRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("NODE", "STATE", "ADDRESS", "VOTER", "BOOT", "INCARNATION", "HEARD", "FLAPS"),
          answer.getMembersList().stream()
              .sorted(Comparator.comparing(Member::getNodeId))
              .map(Members::row)
              .toList());
      return ExitCodes.OK;
    }

    private static List<String> row(Member m) {
      return List.of(
          m.getNodeId(),
          Printer.state(m.getState()) + (m.getRetired() ? " (retired)" : ""),
          m.getOutboundOnly()
              ? "outbound-only"
              : m.getEndpoint().getHost() + ":" + m.getEndpoint().getPort(),
          m.getVoter() ? "yes" : "no",
          m.getBootId(),
          Long.toString(m.getIncarnation()),
          Printer.seconds(m.getLastContact()) + " ago",
          Integer.toString(m.getFlapCount()));
    }
  }

  @Command(name = "leader", description = "Who leads; exit 3 when nobody is known to.")
  static final class Leader extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      GetLeadershipResponse answer =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
      } else if (answer.getLeaderId().isEmpty()) {
        printer.line("no leader is known; greatest epoch " + answer.getEpoch());
      } else {
        printer.line(
            String.format(
                Locale.ROOT, "%s leads in epoch %d", answer.getLeaderId(), answer.getEpoch()));
      }
      return answer.getLeaderId().isEmpty() ? ExitCodes.UNAVAILABLE : ExitCodes.OK;
    }
  }

  @Command(name = "step-down", description = "The leader gives its lease back; another is elected.")
  static final class StepDown extends Verb {
    @Option(names = "--cause", defaultValue = "asked by an operator", description = "For the log.")
    String cause = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = StepDownRequest.newBuilder().setCause(cause).build();
      var answer = client.callOnce(c -> ElectionServiceGrpc.newBlockingStub(c).stepDown(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line("epoch " + answer.getEpoch() + " ended; see \"ringrift cluster leader\"");
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "transfer", description = "The leader hands over to another voter.")
  static final class Transfer extends Verb {
    @Parameters(
        arity = "0..1",
        paramLabel = "NODE",
        defaultValue = "",
        description = "Who shall lead; the highest-ranked caught-up voter when left out.")
    String target = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = TransferLeadershipRequest.newBuilder().setTargetNodeId(target).build();
      var answer =
          client.callOnce(c -> ElectionServiceGrpc.newBlockingStub(c).transferLeadership(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line(
            "epoch "
                + answer.getEpoch()
                + " ended, "
                + answer.getTargetNodeId()
                + " was nominated");
      }
      return ExitCodes.OK;
    }
  }

  @Command(
      name = "switch-mode",
      description = "Takes the running cluster to another mode of consensus: bully, raft, hybrid.")
  static final class Switch extends Verb {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @Parameters(paramLabel = "MODE", description = "bully, raft or hybrid.")
    String mode = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = SwitchModeRequest.newBuilder().setTargetMode(mode).build();
      SwitchModeResponse answer =
          client.call(
              c ->
                  ModeServiceGrpc.newBlockingStub(c)
                      .withDeadlineAfter(LONGEST)
                      .switchMode(request));
      boolean changes = answer.getStateHashesCount() > 0;
      var begun =
          changes ? NewEpoch.await(client, answer.getEpoch(), LONGEST, Switch::nobody) : null;
      if (connection.json()) {
        printer.json(answer);
      } else if (begun == null) {
        printer.line(mode + " is in force already; nothing was changed");
      } else {
        tell(answer, begun, printer);
      }
      return ExitCodes.OK;
    }

    private void tell(SwitchModeResponse answer, GetLeadershipResponse begun, Printer printer) {
      var rows = new ArrayList<List<String>>();
      new TreeMap<>(answer.getStateHashesMap()).forEach((n, h) -> rows.add(List.of(n, h)));
      printer.table(List.of("VOTER", "STATE HASH AT " + answer.getIndex()), rows);
      printer.line(
          String.format(
              Locale.ROOT,
              "%s ended with epoch %d; %s began: %s leads in epoch %d",
              answer.getFormerMode(),
              answer.getEpoch(),
              mode,
              begun.getLeaderId(),
              begun.getEpoch()));
    }

    private static Refusal nobody() {
      return new Refusal(
          Reason.NO_QUORUM,
          "the change is decided, but nobody leads in the other mode yet; look at"
              + " \"cluster status\" and the nodes' logs");
    }
  }

  private ClusterCommand() {}
}
