package io.ringrift.kernel.membership;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.MemberReport;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The view as it is told to clients. Never blocks; safe for any thread.
public final class ShownView {
  private final Supplier<List<Member>> view;
  private final EventDelivery delivery;
  private final Ticker ticker;
  private final Predicate<NodeId> relayed;

  /// @param relayed whether a member is known by another node's word only
  public ShownView(
      Supplier<List<Member>> view,
      EventDelivery delivery,
      Ticker ticker,
      Predicate<NodeId> relayed) {
    this.view = view;
    this.delivery = delivery;
    this.ticker = ticker;
    this.relayed = relayed;
  }

  /// Present members, sorted by node id.
  public List<MemberReport> members() {
    return view.get().stream().map(this::report).toList();
  }

  /// Delivers the present members and then every change, serially, until the watcher returns false
  /// or the returned handle is run.
  public Runnable watch(Predicate<MemberReport> watcher) {
    return delivery.subscribe(
        () -> {
          for (MemberReport report : members()) {
            if (!watcher.test(report)) {
              return;
            }
          }
        },
        event -> watcher.test(report(event.member())));
  }

  private MemberReport report(Member member) {
    return MemberReport.of(member, ticker.now(), relayed.test(member.id()));
  }
}
