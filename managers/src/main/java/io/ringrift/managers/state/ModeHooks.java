package io.ringrift.managers.state;

import java.util.List;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;

/// What the node around the state does about modes of consensus.
///
/// @param mode in force: bully, raft or hybrid
/// @param obstacles why this node could not run in another mode; empty when it could
/// @param leave begins the node again in another mode, which the cluster changed to in that epoch;
///   returns at once, repeating it is harmless
public record ModeHooks(
    String mode, Function<String, List<String>> obstacles, ObjLongConsumer<String> leave) {
  /// A node that stays in its mode.
  public static ModeHooks fixed(String mode) {
    return new ModeHooks(mode, _ -> List.of("this node cannot change its mode"), (_, _) -> {});
  }
}
