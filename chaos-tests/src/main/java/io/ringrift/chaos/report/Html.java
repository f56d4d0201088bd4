package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Status;
import java.util.Locale;

/// Parts that all pages share. Nothing is loaded from elsewhere.
final class Html {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--soft:#5b6673;--line:#d5dbe1;--card:#f5f7f9;
      --leader:#1f8a4c;--follower:#9db7d5;--candidate:#e0a100;--observer:#c7b8dd;--down:#4a4f57;
      --ok:#2f7fc1;--fail:#b7791f;--unknown:#8250df;--bad:#d1242f;--fault:#d1242f;--whole:#1a7f37}
      @media(prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e4e8ec;--soft:#98a3af;--line:#333b45;--card:#1c2228;
      --follower:#3f5f85;--observer:#5a4a78;--down:#6a727c;--ok:#4a9de0;--fail:#d29922;--unknown:#b083f0;--bad:#ff5c5c;
      --whole:#4ac26b}}
      *{box-sizing:border-box}body{margin:0 auto;max-width:1240px;padding:24px;background:var(--bg);color:var(--fg);
      font:15px/1.45 system-ui,sans-serif}h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:28px 0 8px}
      p{margin:4px 0}.soft{color:var(--soft)}table{border-collapse:collapse;width:100%}
      td,th{text-align:left;vertical-align:top;padding:6px 10px;border-bottom:1px solid var(--line)}
      th{font-weight:600;color:var(--soft)}td.fit,th.fit{white-space:nowrap;width:1%}
      .scroll{overflow-x:auto}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0;padding:8px 10px;
      background:var(--card);border-radius:6px;font:13px/1.4 ui-monospace,monospace}
      .tag{display:inline-block;padding:1px 9px;border-radius:10px;color:#fff;font-size:13px;white-space:nowrap}
      .kept{background:#1f8a4c}.violated{background:#d1242f}.undecided,.could-not-run{background:#9a6700}
      .not-concerned,.not-run{background:#6e7781}svg text{fill:var(--fg);font:12px system-ui,sans-serif}
      svg .soft{fill:var(--soft)}svg .on-leader{fill:#fff}svg .on-candidate{fill:#1c2128}
      svg{display:block}a{color:var(--ok)}ol.steps{padding-left:0;list-style:none}
      ol.steps li{padding:3px 0 3px 84px;position:relative}ol.steps time{position:absolute;left:0;color:var(--soft)}
      li.split{color:var(--bad);font-weight:600}li.whole{color:var(--whole);font-weight:600}
      .key span{display:inline-block;margin-right:14px}.key i{display:inline-block;width:12px;height:12px;
      border-radius:3px;margin-right:5px;vertical-align:-1px}
      tr.findings td{padding-top:0}tr.told td{border-bottom:0}tr.findings pre{max-height:22em;overflow-y:auto}
      ol.steps li,td{overflow-wrap:anywhere}td.fit{overflow-wrap:normal}
      @media(max-width:760px){body{padding:14px}
      table.checks,.checks tbody,.checks tr,.checks td{display:block;width:auto}
      .checks tr:first-child{display:none}.checks td{padding:2px 0;border:0;white-space:normal}
      .checks td.fit{display:inline-block;width:auto;margin-right:10px}
      .checks tr{border-bottom:1px solid var(--line);padding:8px 0}.checks tr.told{border:0;padding-bottom:0}}
      """;

  private Html() {}

  static String page(String title, String body) {
    return """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <title>%s</title><style>
    %s</style></head><body>
    %s</body></html>
    """
        .formatted(Escape.of(title), STYLE, body);
  }

  /// A word in the colour that belongs to it.
  static String tag(String word) {
    String name = word.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-");
    return "<span class=\"tag " + name + "\">" + Escape.of(word) + "</span>";
  }

  static String tag(Status status) {
    return tag(status.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }

  /// A row of cells whose content is plain text.
  static String row(String... cells) {
    var row = new StringBuilder("<tr>");
    for (String cell : cells) {
      row.append("<td>").append(Escape.of(cell)).append("</td>");
    }
    return row.append("</tr>\n").toString();
  }

  /// A head row.
  static String head(String... cells) {
    var row = new StringBuilder("<tr>");
    for (String cell : cells) {
      row.append("<th>").append(Escape.of(cell)).append("</th>");
    }
    return row.append("</tr>\n").toString();
  }
}
