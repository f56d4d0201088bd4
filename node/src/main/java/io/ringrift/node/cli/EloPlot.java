package io.ringrift.node.cli;

import io.ringrift.rating.v1.Rung;
import java.util.List;
import java.util.Locale;

/// The ladder as an SVG: a point and its 95 % interval for each participant, in the order given.
final class EloPlot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 90;

  private final List<Rung> rungs;
  private final double low;
  private final double high;

  private EloPlot(List<Rung> rungs) {
    this.rungs = rungs;
    this.low = rungs.stream().mapToDouble(Rung::getLow).min().orElse(0) - 50;
    this.high = rungs.stream().mapToDouble(Rung::getHigh).max().orElse(0) + 50;
  }

  /// @param title tells what 0 is
  /// @param rungs in the order of the horizontal axis
  static String svg(String title, List<Rung> rungs) {
    return new EloPlot(rungs).draw(title);
  }

  private String draw(String title) {
    var svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH,
            HEIGHT));
    svg.append(
        String.format(
            Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, HEIGHT));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"24\" font-size=\"15\">%s</text>%n",
            LEFT,
            escaped(title)));
    grid(svg);
    line(svg);
    for (int i = 0; i < rungs.size(); i++) {
      point(svg, i, rungs.get(i));
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(StringBuilder svg) {
    double step = high - low > 1500 ? 500 : high - low > 600 ? 200 : 100;
    for (double elo = Math.ceil(low / step) * step; elo <= high; elo += step) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
              LEFT,
              WIDTH - RIGHT,
              y(elo),
              y(elo)));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%+.0f</text>%n",
              LEFT - 8,
              y(elo) + 4,
              elo));
    }
  }

  private void line(StringBuilder svg) {
    svg.append("<polyline fill=\"none\" stroke=\"#36c\" stroke-width=\"1.5\" points=\"");
    for (int i = 0; i < rungs.size(); i++) {
      svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y(rungs.get(i).getRating())));
    }
    svg.append(String.format(Locale.ROOT, "\"/>%n"));
  }

  private void point(StringBuilder svg, int place, Rung rung) {
    double x = x(place);
    double y = y(rung.getRating());
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#36c\"/>%n",
            x,
            x,
            y(rung.getLow()),
            y(rung.getHigh())));
    svg.append(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#36c\"><title>%s %+.0f [%+.0f, %+.0f],"
                + " %d games</title></circle>%n",
            x,
            y,
            escaped(rung.getParticipant()),
            rung.getRating(),
            rung.getLow(),
            rung.getHigh(),
            rung.getGames()));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%d\" transform=\"rotate(25 %.1f %d)\" font-size=\"11\">%s"
                + "</text>%n",
            x,
            HEIGHT - BOTTOM + 18,
            x,
            HEIGHT - BOTTOM + 18,
            escaped(rung.getParticipant())));
  }

  private double x(int place) {
    int steps = Math.max(1, rungs.size());
    return LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / steps;
  }

  private double y(double elo) {
    return TOP + (high - elo) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
