package io.ringrift.node.cli;

import com.google.protobuf.Message;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.ListVotersResponse;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import io.ringrift.state.v1.VoterState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ringrift cluster voters …`
@Command(
    name = "voters",
    description = "The voters; or one more, or one less, while the cluster runs.",
    subcommands = {VotersCommand.Add.class, VotersCommand.Remove.class})
final class VotersCommand extends Verb {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  @Override
  int run(ClusterClient client, Printer printer) {
    ListVotersResponse answer =
        client.call(
            c ->
                VoterServiceGrpc.newBlockingStub(c)
                    .listVoters(ListVotersRequest.getDefaultInstance()));
    if (connection.json()) {
      printer.json(answer);
      return ExitCodes.OK;
    }
    printer.table(
        List.of("VOTER", "ADDRESS", "APPLIED", "ALIVE"),
        answer.getVotersList().stream().map(VotersCommand::row).toList());
    if (answer.hasPending()) {
      printer.line("a change is under way, to " + names(answer.getPending()));
    }
    return ExitCodes.OK;
  }

  private static List<String> row(VoterState state) {
    VoterEntry voter = state.getVoter();
    return List.of(
        voter.getNodeId(),
        voter.getHost() + ":" + voter.getPort(),
        state.getAlive() ? Long.toString(state.getAppliedIndex()) : "-",
        state.getAlive() ? "yes" : "no");
  }

  private static String names(VoterList list) {
    return String.join(", ", list.getVotersList().stream().map(VoterEntry::getNodeId).toList());
  }

  @Command(name = "add", description = "Makes a member that can be dialled a voter.")
  static final class Add extends Verb {
    @Parameters(paramLabel = "NODE", description = "Which node.")
    String node = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = AddVoterRequest.newBuilder().setNodeId(node).build();
      var answer =
          client.call(
              c ->
                  VoterServiceGrpc.newBlockingStub(c).withDeadlineAfter(LONGEST).addVoter(request));
      if (answer.getAlready()) {
        return tell(this, printer, answer, node + " is a voter already", answer.getVoters());
      }
      return tell(this, printer, answer, begun(client, answer.getEpoch()), answer.getVoters());
    }
  }

  @Command(name = "remove", description = "Makes a voter a plain node; it may be dead.")
  static final class Remove extends Verb {
    @Parameters(paramLabel = "NODE", description = "Which voter.")
    String node = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = RemoveVoterRequest.newBuilder().setNodeId(node).build();
      var answer =
          client.call(
              c ->
                  VoterServiceGrpc.newBlockingStub(c)
                      .withDeadlineAfter(LONGEST)
                      .removeVoter(request));
      if (answer.getAlready()) {
        return tell(this, printer, answer, node + " is no voter anyway", answer.getVoters());
      }
      return tell(this, printer, answer, begun(client, answer.getEpoch()), answer.getVoters());
    }
  }

  /// Waits until somebody leads with the new voters.
  private static String begun(ClusterClient client, long ended) {
    var begun = NewEpoch.await(client, ended, LONGEST, VotersCommand::nobody);
    return begun.getLeaderId() + " leads in epoch " + begun.getEpoch();
  }

  private static Refusal nobody() {
    return new Refusal(
        Reason.NO_QUORUM,
        "the change is decided, but nobody leads with the new voters yet; look at"
            + " \"cluster voters\" and the nodes' logs");
  }

  /// The verbs' one end: the answer as it is, or the voters and what else there is to say.
  private static int tell(
      Verb verb, Printer printer, Message answer, String more, VoterList voters) {
    if (verb.connection.json()) {
      printer.json(answer);
    } else {
      printer.line(
          String.format(
              Locale.ROOT,
              "the voters are %s (list %d); %s",
              names(voters),
              voters.getVersion(),
              more));
    }
    return ExitCodes.OK;
  }
}
