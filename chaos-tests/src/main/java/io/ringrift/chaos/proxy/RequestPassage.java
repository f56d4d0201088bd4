package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// What a client sends on one connection, just before it is handed on: requests overtake each other
/// and come twice, by the rule in force. Bytes that are no HTTP/2 pass as they are. One thread.
final class RequestPassage {
  private final Link link;
  private final Rules rules;
  private final Ticker ticker;
  private final SplittableRandom random;
  private final Copies copies;
  private final RequestFrames frames = new RequestFrames();
  private final Requests requests = new Requests();
  private final Overtaking overtaking = new Overtaking();
  private final List<Request> twice = new ArrayList<>();

  /// Version of the rules by which the last piece passed.
  private long asOf;

  /// What the link had passed when something was held last.
  private long passedBefore;

  RequestPassage(Link link, Rules rules, Ticker ticker, SplittableRandom random, Copies copies) {
    this.link = link;
    this.rules = rules;
    this.ticker = ticker;
    this.random = random;
    this.copies = copies;
  }

  /// What is to be written now, in this order.
  List<byte[]> pass(byte[] piece) {
    asOf = rules.version();
    LinkRule rule = rules.of(link);
    var out = new ArrayList<byte[]>();
    for (Frame frame : frames.add(piece)) {
      boolean wanted = frame.isHeaders() && drawn(rule.duplicatePercent());
      requests.read(frame, wanted).filter(_ -> rule.duplicatePercent() > 0).ifPresent(twice::add);
      boolean hold = frame.says() && drawn(rule.reorderPercent());
      boolean held = overtaking.next().isPresent();
      var passed = overtaking.pass(frame, hold, ticker.now().plus(rule.hold()));
      if (passed.overtaken()) {
        rules.strike(link);
      }
      if (!held && overtaking.next().isPresent()) {
        passedBefore = rules.passed(link);
      }
      if (frame.says() && rule.reorderPercent() > 0 && !passed.bytes().isEmpty()) {
        rules.pass(link);
      }
      out.addAll(passed.bytes());
    }
    return out;
  }

  /// When something that is held has to go on; none while nothing is.
  Optional<Moment> next() {
    return overtaking.next();
  }

  /// What was held for long enough. On other connections of the link something may have passed
  /// meanwhile.
  List<byte[]> due() {
    List<byte[]> due = overtaking.due(ticker.now());
    if (!due.isEmpty()) {
      if (rules.passed(link) > passedBefore) {
        rules.strike(link);
      }
      rules.pass(link);
    }
    return due;
  }

  /// What was just handed on is written.
  void written() {
    twice.forEach(request -> copies.send(request, link, asOf));
    twice.clear();
  }

  /// All that is left, whole or not.
  List<byte[]> rest() {
    var rest = new ArrayList<>(overtaking.release());
    rest.add(frames.unfinished());
    return rest;
  }

  private boolean drawn(int percent) {
    return percent > 0 && random.nextInt(100) < percent;
  }
}
