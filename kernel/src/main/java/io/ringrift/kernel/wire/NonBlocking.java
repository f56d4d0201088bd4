package io.ringrift.kernel.wire;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import java.util.Set;
import java.util.stream.Collectors;

/// A service of which some handlers neither wait nor compute for long: a server may run those on
/// the thread that reads the connection, without a thread of their own for each message.
public interface NonBlocking {
  /// Whether the handler of this method is one of them; by default all are.
  default boolean nonBlocking(MethodDescriptor<?, ?> method) {
    return true;
  }

  /// The full names of a service's methods whose handlers do not block.
  static Set<String> methods(BindableService service) {
    return service instanceof NonBlocking handlers
        ? service.bindService().getMethods().stream()
            .map(ServerMethodDefinition::getMethodDescriptor)
            .filter(handlers::nonBlocking)
            .map(MethodDescriptor::getFullMethodName)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }
}
