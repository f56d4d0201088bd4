package io.ringrift.kernel.membership;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The record of what the node's one view of its members says: log, audit and figures. Blocks on
/// the audit's disk.
public final class MemberRecord implements Consumer<MembershipEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(MemberRecord.class);

  private final MeterRegistry metrics;
  private final Audit audit;
  private final Supplier<Leadership> leadership;

  /// @param view the view that the figures count
  public MemberRecord(
      MeterRegistry metrics,
      Audit audit,
      Supplier<Leadership> leadership,
      Supplier<List<Member>> view) {
    this.metrics = metrics;
    this.audit = audit;
    this.leadership = leadership;
    for (MemberState state : MemberState.values()) {
      Gauge.builder("ringrift.members", view, v -> count(v.get(), state))
          .tag("state", lower(state.name()))
          .register(metrics);
    }
  }

  @Override
  public void accept(MembershipEvent event) {
    Member member = event.member();
    String kind = lower(event.getClass().getSimpleName());
    metrics.counter("ringrift.membership.events", "kind", kind).increment();
    LOG.info("{} {}: {}", member.id(), kind, member.state());
    audit.record(
        "member-state",
        leadership.get().epoch(),
        Map.of(
            "member", member.id().value(),
            "event", kind,
            "state", member.state().name(),
            "boot", member.boot().toString(),
            "incarnation", member.incarnation().toString()));
  }

  private static double count(List<Member> members, MemberState state) {
    return members.stream().map(Member::state).filter(state::equals).count();
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
