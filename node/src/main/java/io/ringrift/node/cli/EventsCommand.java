package io.ringrift.node.cli;

import io.grpc.Channel;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.node.client.ClusterClient;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringrift events`
@Command(name = "events", description = "What happened, in the order of the ledger.")
final class EventsCommand extends Verb {
  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new events until interrupted.")
  boolean follow;

  @Option(names = "--after", defaultValue = "0", description = "Only events behind this index.")
  long after;

  @Option(names = "--limit", defaultValue = "100", description = "Most events without -f.")
  int limit = 100;

  @Override
  int run(ClusterClient client, Printer printer) {
    if (follow) {
      return client.call(channel -> watch(channel, printer));
    }
    var request = ListEventsRequest.newBuilder().setAfterIndex(after).setPageSize(limit).build();
    var answer = client.call(c -> EventServiceGrpc.newBlockingStub(c).listEvents(request));
    if (connection.json()) {
      printer.json(answer);
    } else {
      if (answer.getTruncated() && answer.getEventsCount() > 0) {
        tellTruncated(answer.getEvents(0));
      }
      answer.getEventsList().forEach(event -> print(event, printer));
    }
    return ExitCodes.OK;
  }

  /// A stream that breaks is opened again behind the last event that was printed.
  private int watch(Channel channel, Printer printer) {
    var request = WatchEventsRequest.newBuilder().setAfterIndex(after).build();
    var events = EventServiceGrpc.newBlockingStub(channel).watchEvents(request);
    while (events.hasNext()) {
      var next = events.next();
      Event event = next.getEvent();
      if (next.getTruncated()) {
        tellTruncated(event);
      }
      print(event, printer);
      after = event.getIndex();
    }
    return ExitCodes.OK;
  }

  /// Beside the events, which scripts read.
  private void tellTruncated(Event first) {
    var err = spec.commandLine().getErr();
    err.println(
        "Events behind index "
            + after
            + " were forgotten: the oldest that is kept is of index "
            + first.getIndex()
            + ". What they led to is in the present state; see `job list`, `queue list` and"
            + " `node list`.");
    err.flush();
  }

  private void print(Event event, Printer printer) {
    if (connection.json()) {
      printer.jsonLine(event);
      return;
    }
    String details =
        new TreeMap<>(event.getAttributesMap())
            .entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    printer.line(
        event.getIndex()
            + "  "
            + Printer.time(event.getTime())
            + "  "
            + event.getKind()
            + "  "
            + Printer.orDash(event.getSubject())
            + "  "
            + details);
  }
}
