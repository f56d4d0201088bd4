package io.ringrift.benchmarks.swim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What one turn measured. Times in seconds; `NaN` for what did not come about.
///
/// @param joinedAll from the first start to a full view at all
/// @param detected from kill -9 to DEAD at half of the others, median of the kills
/// @param detectedLast the same at the last of the others
/// @param joined from the process's first sign of life to a member of the view at half of the
///   others
/// @param joinedLast the same at the last of the others
/// @param up from the start of the process to its first sign of life
/// @param cpu per cent of a core for each member at rest
/// @param resident MiB for each member
/// @param packets datagrams and TCP segments sent a second by each member
/// @param falseDeaths reports of deaths of members that lived
record Figures(
    double joinedAll,
    double detected,
    double detectedLast,
    double joined,
    double joinedLast,
    double up,
    double cpu,
    double resident,
    double packets,
    double falseDeaths) {
  private record Column(String name, ToDoubleFunction<Figures> figure) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("all joined", Figures::joinedAll),
          new Column("dead at half", Figures::detected),
          new Column("dead at all", Figures::detectedLast),
          new Column("joined at half", Figures::joined),
          new Column("joined at all", Figures::joinedLast),
          new Column("process up", Figures::up),
          new Column("% of a core", Figures::cpu),
          new Column("MiB", Figures::resident),
          new Column("packets/s", Figures::packets),
          new Column("false deaths", Figures::falseDeaths));

  static Figures median(List<Figures> turns) {
    double[] middle =
        COLUMNS.stream().mapToDouble(column -> median(turns, column.figure())).toArray();
    return new Figures(
        middle[0],
        middle[1],
        middle[2],
        middle[3],
        middle[4],
        middle[5],
        middle[6],
        middle[7],
        middle[8],
        turns.stream().mapToDouble(Figures::falseDeaths).sum());
  }

  private static double median(List<Figures> turns, ToDoubleFunction<Figures> figure) {
    return middle(turns.stream().map(figure::applyAsDouble).sorted().toList());
  }

  private static double middle(List<Double> sorted) {
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }

  /// This over that, figure by figure.
  String ratio(Figures other) {
    return text(
        column -> {
          double theirs = column.figure().applyAsDouble(other);
          return theirs == 0 ? Double.NaN : column.figure().applyAsDouble(this) / theirs;
        });
  }

  @Override
  public String toString() {
    return text(column -> column.figure().applyAsDouble(this));
  }

  private static String text(ToDoubleFunction<Column> value) {
    var parts = new ArrayList<String>();
    for (Column column : COLUMNS) {
      double number = value.applyAsDouble(column);
      parts.add(
          column.name()
              + (Double.isNaN(number) ? " -" : String.format(Locale.ROOT, " %.2f", number)));
    }
    return String.join(", ", parts);
  }

  /// Collects the figures of a turn.
  static final class Builder {
    private final double joinedAll;
    private final List<Double> detected = new ArrayList<>();
    private final List<Double> detectedLast = new ArrayList<>();
    private final List<Double> joined = new ArrayList<>();
    private final List<Double> joinedLast = new ArrayList<>();
    private final List<Double> up = new ArrayList<>();
    private double cpu;
    private double resident;
    private double packets;
    private double falseDeaths;

    Builder(double joinedAll) {
      this.joinedAll = joinedAll;
    }

    void cost(double cpu, double resident, double packets) {
      this.cpu = cpu;
      this.resident = resident;
      this.packets = packets;
    }

    void detection(List<Double> seconds, int observers) {
      detected.add(middle(seconds));
      detectedLast.add(seconds.size() < observers ? Double.NaN : seconds.getLast());
    }

    void join(List<Double> seconds, double alive, int observers) {
      up.add(alive);
      joined.add(middle(seconds) - alive);
      joinedLast.add(seconds.size() < observers ? Double.NaN : seconds.getLast() - alive);
    }

    void falseDeaths(double count) {
      falseDeaths = count;
    }

    Figures build() {
      return new Figures(
          joinedAll,
          median(detected),
          median(detectedLast),
          median(joined),
          median(joinedLast),
          median(up),
          cpu,
          resident,
          packets,
          falseDeaths);
    }

    private static double median(List<Double> values) {
      return middle(values.stream().sorted().toList());
    }
  }
}
