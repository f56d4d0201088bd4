package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.List;

/// One step in the making: its moment, and the effects so far in the order they must be done.
record Turn(Moment now, List<Effect> effects) {
  static Turn at(Moment now) {
    return new Turn(now, new ArrayList<>());
  }

  void emit(Effect effect) {
    effects.add(effect);
  }

  void send(NodeId to, Message message) {
    effects.add(new Effect.Send(to, message));
  }

  boolean reached(Moment moment) {
    return !now.isBefore(moment);
  }
}
