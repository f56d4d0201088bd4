package io.ringrift.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import java.util.concurrent.CompletableFuture;

/// The same plain gRPC client for every server that speaks gRPC, so that clients do not differ.
final class Calls {
  private Calls() {}

  /// One connection; answers are handled on its event loop, where nothing may block.
  static ManagedChannel channel(Endpoint server) {
    return NettyChannelBuilder.forAddress(server.host(), server.port())
        .usePlaintext()
        .directExecutor()
        .build();
  }

  /// One unary call.
  static <Q, A> CompletableFuture<A> unary(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
    var future = new CompletableFuture<A>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT),
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(A answer) {
            future.complete(answer);
          }

          @Override
          public void onError(Throwable failure) {
            future.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            // The answer has come before.
          }
        });
    return future;
  }
}
