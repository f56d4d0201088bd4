package io.ringrift.managers;

import io.grpc.BindableService;
import java.util.List;

/// What the assembly needs of a manager: the services it serves, the loops it wants run, its
/// health. A manager gets what it needs through its constructor, starts nothing before `loops` are
/// run, and closes what it opened.
public interface Manager extends HealthCheck, AutoCloseable {
  /// gRPC services, served in-process and on the node's port.
  List<BindableService> services();

  /// Loops, run by the LoopManager.
  List<LoopSpec> loops();

  @Override
  void close();
}
