package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
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

/// What a node in mode `swim` answers on the membership service: its view, and to nodes of other
/// modes why they are not let in.
final class SwimHandler implements MembershipHandler {
  private final SwimConfig config;
  private final ShownView shown;

  SwimHandler(SwimConfig config, ShownView shown) {
    this.config = config;
    this.shown = shown;
  }

  @Override
  public void hello(Intro from, ClusterSettings settings, Consumer<Welcome> reply) {
    throw config
        .settings()
        .mismatch(config.self(), from.id(), settings)
        .orElseGet(() -> notPolled(from.id()));
  }

  @Override
  public void poll(PollCall call, Consumer<PollAnswer> reply) {
    throw notPolled(call.intro().id());
  }

  @Override
  public void goodbye(Intro from, String clusterId) {
    throw notPolled(from.id());
  }

  @Override
  public List<MemberReport> members() {
    return shown.members();
  }

  @Override
  public Runnable watch(Predicate<MemberReport> watcher) {
    return shown.watch(watcher);
  }

  private Refusal notPolled(NodeId there) {
    return new Refusal(
        Reason.SETTINGS_MISMATCH,
        "membership_mode of "
            + config.self()
            + " is swim, which polls nobody, but "
            + there
            + " polls as in http or hybrid; make them equal and restart the node that is wrong");
  }
}
