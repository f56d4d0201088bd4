package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.rating.v1.GetTournamentRequest;
import io.ringrift.rating.v1.ListTournamentsRequest;
import io.ringrift.rating.v1.Meeting;
import io.ringrift.rating.v1.Standing;
import io.ringrift.rating.v1.StartTournamentRequest;
import io.ringrift.rating.v1.Tournament;
import io.ringrift.rating.v1.TournamentServiceGrpc;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift tournament …`
@Command(
    name = "tournament",
    description = "Round robins through the queue; their games count for ratings.",
    subcommands = {
      TournamentCommand.Start.class,
      TournamentCommand.Show.class,
      TournamentCommand.All.class
    },
    mixinStandardHelpOptions = true)
final class TournamentCommand {
  private TournamentCommand() {}

  @Command(name = "start", description = "Everybody plays everybody.")
  static final class Start extends Verb {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Parameters(
        index = "1..*",
        arity = "2..14",
        paramLabel = "PLAYER",
        description = "Id of a model, or untrained, random, heuristic, mcts.")
    List<String> players = List.of();

    @Option(
        names = "--pairs",
        defaultValue = "1",
        description = "Pairs of games of each meeting, colours swapped (default ${DEFAULT-VALUE}).")
    int pairs = 1;

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          StartTournamentRequest.newBuilder()
              .setConfigKey(config)
              .addAllParticipants(players)
              .setPairs(pairs)
              .setRequestId(requestId(requestId))
              .build();
      var answer =
          client.call(c -> TournamentServiceGrpc.newBlockingStub(c).startTournament(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        var begun = answer.getTournament();
        printer.line(
            "%s: %d meetings of %d games are queued; follow them with: tournament show %s"
                .formatted(
                    begun.getTournamentId(),
                    begun.getMeetingsCount(),
                    2 * begun.getPairs(),
                    begun.getTournamentId()));
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "show", description = "Standings and meetings of one.")
  static final class Show extends Verb {
    @Parameters(paramLabel = "TOURNAMENT", description = "Its id.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetTournamentRequest.newBuilder().setTournamentId(id).build();
      var answer =
          client.call(c -> TournamentServiceGrpc.newBlockingStub(c).getTournament(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      var one = answer.getTournament();
      printer.table(
          List.of("PARTICIPANT", "POINTS", "GAMES", "WON", "LOST", "DRAWN"),
          one.getStandingsList().stream().map(Show::row).toList());
      printer.line("");
      printer.table(
          List.of("ONE", "OTHER", "STATE", "WON", "LOST", "DRAWN", "BROKEN", "ERROR"),
          one.getMeetingsList().stream().map(Show::row).toList());
      printer.line("");
      printer.line(one.getComplete() ? "complete" : "games wait or run");
      return ExitCodes.OK;
    }

    private static List<String> row(Standing standing) {
      return List.of(
          standing.getParticipant(),
          String.format(Locale.ROOT, "%.1f", standing.getPoints()),
          Integer.toString(standing.getGames()),
          Integer.toString(standing.getWon()),
          Integer.toString(standing.getLost()),
          Integer.toString(standing.getDrawn()));
    }

    private static List<String> row(Meeting meeting) {
      return List.of(
          meeting.getParticipant(),
          meeting.getOther(),
          Printer.state(meeting.getState()),
          Integer.toString(meeting.getWon()),
          Integer.toString(meeting.getLost()),
          Integer.toString(meeting.getDrawn()),
          Integer.toString(meeting.getBroken()),
          Printer.orDash(meeting.getError()));
    }
  }

  @Command(name = "list", description = "Those whose items the queue remembers, newest first.")
  static final class All extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ListTournamentsRequest.newBuilder().setConfigKey(config).build();
      var answer =
          client.call(c -> TournamentServiceGrpc.newBlockingStub(c).listTournaments(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("TOURNAMENT", "CONFIG", "PLAYERS", "PAIRS", "COMPLETE", "FIRST", "BEGAN"),
          answer.getTournamentsList().stream().map(All::row).toList());
      return ExitCodes.OK;
    }

    private static List<String> row(Tournament one) {
      return List.of(
          one.getTournamentId(),
          one.getConfigKey(),
          Integer.toString(one.getStandingsCount()),
          Integer.toString(one.getPairs()),
          one.getComplete() ? "yes" : "no",
          one.getStandingsCount() == 0 ? "-" : one.getStandings(0).getParticipant(),
          Printer.time(one.getCreateTime()));
    }
  }
}
