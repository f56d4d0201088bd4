package io.ringrift.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/// The same plain gRPC client for every server that speaks gRPC, so that clients do not differ.
final class Calls {
  /// Messages as they are on the wire.
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Calls() {}

  /// A unary method whose messages are written by hand.
  ///
  /// @param name service, a slash, method
  static MethodDescriptor<byte[], byte[]> bytes(String name) {
    var bytes = new Bytes();
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .build();
  }

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
