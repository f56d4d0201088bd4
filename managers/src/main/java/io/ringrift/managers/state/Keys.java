package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.ringrift.event.v1.Event;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Keys and values of entities as bytes. Equal messages give equal bytes: map fields are written in
/// the order of their keys.
final class Keys {
  private Keys() {}

  static ByteString of(String id) {
    return ByteString.copyFromUtf8(id);
  }

  static ByteString of(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(number).flip());
  }

  static ByteString of(Event event) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(12).putLong(event.getIndex()).putInt(event.getOrdinal()).flip());
  }

  static byte[] bytes(MessageLite message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    var out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("a message did not fit its own size", e);
    }
    return bytes;
  }
}
