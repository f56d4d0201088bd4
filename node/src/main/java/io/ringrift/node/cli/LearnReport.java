package io.ringrift.node.cli;

import io.ringrift.rating.v1.CompareParticipantsResponse;
import io.ringrift.rating.v1.Rung;
import io.ringrift.training.v1.GetLineageResponse;
import io.ringrift.training.v1.ListTrainingsResponse;
import io.ringrift.training.v1.Promotion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the learning demo showed.
///
/// @param runs every training run
/// @param promotions changes of the model in office, newest first
/// @param ladder best first; each difference to the untrained network with its own interval
/// @param gain of the model in office over the untrained network
/// @param plot file of the plot
/// @param problems why it did not reach what it had to
record LearnReport(
    ListTrainingsResponse runs,
    List<Promotion> promotions,
    List<Rung> ladder,
    CompareParticipantsResponse gain,
    GetLineageResponse lineage,
    String plot,
    double seconds,
    List<String> problems) {
  LearnReport with(List<String> more) {
    var all = new ArrayList<>(problems);
    all.addAll(more);
    return new LearnReport(runs, promotions, ladder, gain, lineage, plot, seconds, all);
  }

  void print(Printer printer) {
    printer.line("");
    printer.table(
        List.of("PARTICIPANT", "ELO OVER UNTRAINED", "95 %", "GAMES"),
        ladder.stream().map(LearnReport::row).toList());
    printer.line("");
    ModelCommand.print(lineage, printer);
    printer.line("");
    printer.line(
        String.format(
            Locale.ROOT,
            "%d training runs, %d promotions, %+.0f Elo [%+.0f, %+.0f] over the untrained network,"
                + " %.0f s; plot: %s",
            runs.getRunsCount(),
            promotions.size(),
            gain.getDifference(),
            gain.getLow(),
            gain.getHigh(),
            seconds,
            plot));
    problems.forEach(problem -> printer.line("problem: " + problem));
  }

  private static List<String> row(Rung rung) {
    return List.of(
        rung.getParticipant(),
        elo(rung.getRating()),
        "[" + elo(rung.getLow()) + ", " + elo(rung.getHigh()) + "]",
        Integer.toString(rung.getGames()));
  }

  private static String elo(double elo) {
    return String.format(Locale.ROOT, "%+.0f", elo);
  }

  String toJson() {
    return String.format(
        Locale.ROOT,
        "{\"runs\": %d, \"promotions\": %d, \"elo\": %.1f, \"elo_low\": %.1f, \"elo_high\": %.1f,"
            + " \"participants\": %d, \"seconds\": %.1f, \"plot\": \"%s\", \"problems\": [%s]}",
        runs.getRunsCount(),
        promotions.size(),
        gain.getDifference(),
        gain.getLow(),
        gain.getHigh(),
        ladder.size(),
        seconds,
        quoted(plot),
        String.join(", ", problems.stream().map(p -> "\"" + quoted(p) + "\"").toList()));
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
  }
}
