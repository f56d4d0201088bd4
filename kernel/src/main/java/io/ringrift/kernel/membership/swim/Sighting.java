package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;

/// One life in ScaleCube's table whose settings were found equal.
///
/// @param heard last direct message from its address, which may be that of another life of the
///   node; `Moment.MIN` for none
record Sighting(
    NodeId id,
    BootId boot,
    Incarnation incarnation,
    Standing standing,
    Endpoint endpoint,
    Moment heard) {
  /// What the table says.
  enum Standing {
    ALIVE,
    SUSPECT,
    LEAVING
  }
}
