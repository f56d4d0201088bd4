package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.membership.swim.SwimEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.SwimCard;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// Reads what members tell of themselves and lets only those through whose cluster settings are
/// ours, as the hello of mode `http` does. Each card is judged once. Owner thread.
final class CardCheck {
  private record Judged(Optional<SwimCard> card, String refusal) {}

  private final SwimConfig config;
  private final SwimMetrics metrics;
  private final BiConsumer<Trouble, String> report;
  private final OncePerMinute quiet = new OncePerMinute();
  private final Map<String, Judged> judged = new HashMap<>();

  CardCheck(SwimConfig config, SwimMetrics metrics, BiConsumer<Trouble, String> report) {
    this.config = config;
    this.metrics = metrics;
    this.report = report;
  }

  /// The sighting of a member whose card is good; a refused one is told of once a minute.
  ///
  /// @param heard last message from it
  Optional<Sighting> sighting(WireTypes.Row row, byte[] bytes, Moment heard, Moment now) {
    String id = row.member().id();
    Judged known = judged.get(id);
    if (known == null) {
      known = judge(id, bytes);
      judged.put(id, known);
      metrics.introduced(known.card().isPresent());
    }
    if (known.card().isEmpty()) {
      if (quiet.first(id, now)) {
        report.accept(Trouble.SETTINGS_MISMATCH, known.refusal());
      }
      return Optional.empty();
    }
    var intro = known.card().get().intro();
    return Optional.of(
        new Sighting(
            intro.id(),
            intro.boot(),
            new Incarnation(row.incarnation()),
            standing(row),
            intro.endpoint().orElseThrow(),
            heard));
  }

  void retain(Set<String> ids) {
    judged.keySet().retainAll(ids);
  }

  private Judged judge(String memberId, byte[] bytes) {
    try {
      var card = SwimCard.read(bytes);
      var intro = card.intro();
      if (!Identity.member(intro.id(), intro.boot()).equals(memberId)) {
        throw new Refusal(
            Reason.WRONG_NODE,
            "member " + Identity.shown(memberId) + " calls itself " + intro.id());
      }
      if (intro.endpoint().isEmpty()) {
        throw new Refusal(
            Reason.INVALID_ARGUMENT, "member " + intro.id() + " does not say where it listens");
      }
      config
          .settings()
          .mismatch(config.self(), intro.id(), card.settings())
          .ifPresent(
              mismatch -> {
                throw mismatch;
              });
      return new Judged(Optional.of(card), "");
    } catch (Refusal refusal) {
      return new Judged(Optional.empty(), Objects.requireNonNull(refusal.text()));
    }
  }

  private static Sighting.Standing standing(WireTypes.Row row) {
    return switch (row.status()) {
      case ALIVE -> Sighting.Standing.ALIVE;
      case SUSPECT, DEAD -> Sighting.Standing.SUSPECT;
      case LEAVING -> Sighting.Standing.LEAVING;
    };
  }
}
