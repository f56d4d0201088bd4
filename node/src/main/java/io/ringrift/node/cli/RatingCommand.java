package io.ringrift.node.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.rating.v1.CompareParticipantsRequest;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.ListMatchesRequest;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.rating.v1.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift rating …`
@Command(
    name = "rating",
    description = "Matches, and who is how good.",
    subcommands = {
      RatingCommand.ShowLadder.class,
      RatingCommand.Plot.class,
      RatingCommand.Compare.class,
      RatingCommand.Matches.class,
      RatingCommand.RecordFile.class
    },
    mixinStandardHelpOptions = true)
final class RatingCommand {
  private static final int PER_CALL = 200;

  @Command(name = "ladder", description = "Everybody's rating with its 95 % interval, best first.")
  static final class ShowLadder extends Verb {
    @Parameters(paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetLadderRequest.newBuilder().setConfigKey(config).build();
      var answer = client.call(c -> RatingServiceGrpc.newBlockingStub(c).getLadder(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("PARTICIPANT", "RATING", "95 %", "GAMES", "WON", "LOST", "DRAWN", "ELO"),
          answer.getRungsList().stream().map(ShowLadder::row).toList());
      return ExitCodes.OK;
    }

    private static List<String> row(Rung rung) {
      return List.of(
          rung.getParticipant(),
          elo(rung.getRating()),
          "[" + elo(rung.getLow()) + ", " + elo(rung.getHigh()) + "]",
          Integer.toString(rung.getGames()),
          Integer.toString(rung.getWins()),
          Integer.toString(rung.getLosses()),
          Integer.toString(rung.getDraws()),
          String.format(Locale.ROOT, "%.0f", rung.getElo()));
    }
  }

  private static String elo(double difference) {
    return String.format(Locale.ROOT, "%+.0f", difference);
  }

  @Command(name = "plot", description = "The ladder as an SVG, weakest first.")
  static final class Plot extends Verb {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "Where to write it.")
    Path file = Path.of("");

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetLadderRequest.newBuilder().setConfigKey(config).build();
      var rungs =
          client.call(c -> RatingServiceGrpc.newBlockingStub(c).getLadder(request)).getRungsList();
      try {
        Files.writeString(
            file, EloPlot.svg(config + ": Elo over the mean of all", rungs.reversed()));
      } catch (IOException e) {
        throw Refusal.invalid("FILE", file.toString(), "a file that can be written: " + e);
      }
      printer.line(rungs.size() + " participants in " + file);
      return ExitCodes.OK;
    }
  }

  @Command(name = "compare", description = "How much better one is than another, in Elo.")
  static final class Compare extends Verb {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Parameters(index = "1", paramLabel = "ONE", description = "Whom.")
    String one = "";

    @Parameters(index = "2", paramLabel = "OTHER", description = "With whom.")
    String other = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          CompareParticipantsRequest.newBuilder()
              .setConfigKey(config)
              .setParticipant(one)
              .setOther(other)
              .build();
      var answer =
          client.call(c -> RatingServiceGrpc.newBlockingStub(c).compareParticipants(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line(
            elo(answer.getDifference())
                + " Elo, 95 % interval ["
                + elo(answer.getLow())
                + ", "
                + elo(answer.getHigh())
                + "]");
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "matches", description = "Matches, newest first.")
  static final class Matches extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Option(names = "--participant", defaultValue = "", description = "Only with this one.")
    String participant = "";

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ListMatchesRequest.newBuilder()
              .setConfigKey(config)
              .setParticipant(participant)
              .setPageSize(limit)
              .build();
      var answer = client.call(c -> RatingServiceGrpc.newBlockingStub(c).listMatches(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("MATCH", "CONFIG", "PARTICIPANTS", "PLACES", "RATED"),
          answer.getMatchesList().stream()
              .map(
                  match ->
                      List.of(
                          match.getMatchId(),
                          match.getConfigKey(),
                          String.join(" ", match.getParticipantsList()),
                          match.getPlacesList().toString(),
                          match.getRated() ? "yes" : "no"))
              .toList());
      return ExitCodes.OK;
    }
  }

  @Command(
      name = "record",
      description = {
        "Records matches of a file, one JSON object a line:",
        "{\"match_id\":\"m1\",\"config_key\":\"hex5_2p\",\"participants\":[\"a\",\"b\"],"
            + "\"places\":[1,2],\"rated\":true}",
        "Repeating it changes nothing."
      })
  static final class RecordFile extends Verb {
    @Parameters(paramLabel = "FILE", description = "JSON lines.")
    Path file = Path.of("");

    @Override
    int run(ClusterClient client, Printer printer) {
      List<Match> matches = read(file);
      int added = 0;
      for (int from = 0; from < matches.size(); from += PER_CALL) {
        var request =
            RecordMatchesRequest.newBuilder()
                .addAllMatches(matches.subList(from, Math.min(matches.size(), from + PER_CALL)))
                .build();
        added +=
            client
                .call(c -> RatingServiceGrpc.newBlockingStub(c).recordMatches(request))
                .getAdded();
      }
      printer.line(added + " new matches of " + matches.size());
      return ExitCodes.OK;
    }

    private static List<Match> read(Path file) {
      var matches = new ArrayList<Match>();
      List<String> lines;
      try {
        lines = Files.readAllLines(file);
      } catch (IOException e) {
        throw Refusal.invalid("FILE", file.toString(), "a file that can be read: " + e);
      }
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).isBlank()) {
          continue;
        }
        var match = Match.newBuilder();
        try {
          JsonFormat.parser().merge(lines.get(i), match);
        } catch (InvalidProtocolBufferException e) {
          throw Refusal.invalid(
              "line " + (i + 1) + " of " + file, lines.get(i), "a match: " + e.getMessage());
        }
        matches.add(match.build());
      }
      return matches;
    }
  }
}
