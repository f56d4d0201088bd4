package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.membership.ShownView;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import io.ringrift.kernel.wire.MembershipHandler;
import io.ringrift.kernel.wire.PollAnswer;
import io.ringrift.kernel.wire.PollCall;
import io.ringrift.kernel.wire.Welcome;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Answers peers by polling alone, and clients by the merged view.
final class ShownHandler implements MembershipHandler {
  private final MembershipHandler polling;
  private final ShownView shown;

  ShownHandler(MembershipHandler polling, ShownView shown) {
    this.polling = polling;
    this.shown = shown;
  }

  @Override
  public void hello(Intro from, ClusterSettings settings, Consumer<Welcome> reply) {
    polling.hello(from, settings, reply);
  }

  @Override
  public void poll(PollCall call, Consumer<PollAnswer> reply) {
    polling.poll(call, reply);
  }

  @Override
  public List<MemberReport> members() {
    return shown.members();
  }

  @Override
  public Runnable watch(Predicate<MemberReport> watcher) {
    return shown.watch(watcher);
  }

  @Override
  public void goodbye(Intro from, String clusterId) {
    polling.goodbye(from, clusterId);
  }
}
