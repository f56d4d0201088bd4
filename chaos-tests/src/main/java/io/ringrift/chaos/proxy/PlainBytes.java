package io.ringrift.chaos.proxy;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Messages of gRPC as they are, whatever they mean.
public final class PlainBytes implements MethodDescriptor.Marshaller<byte[]> {
  private PlainBytes() {}

  /// Serves methods with one answer too.
  ///
  /// @param name with its service, as `package.Service/Method`
  public static MethodDescriptor<byte[], byte[]> method(String name) {
    var bytes = new PlainBytes();
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
        .setFullMethodName(name)
        .build();
  }

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
