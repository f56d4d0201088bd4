package io.ringrift.kernel.membership.swim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import io.scalecube.cluster.transport.api.Message;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.StreamCorruptedException;
import org.jspecify.annotations.Nullable;

/// ScaleCube's messages as bytes, without Java serialization: each type writes and reads its own
/// fields, and which type follows is a tag out of a closed list. Nothing else can be named, so
/// nothing else is ever created. Counts are bounded by the bytes that are there, so that a short
/// frame cannot ask for a long array. Any thread.
final class WireForm {
  /// Bumped when the form changes; another version is refused.
  private static final int VERSION = 2;

  private static final int NULL = 0;
  private static final int TEXT = 64;
  private static final int CONSTANT = 65;
  private static final int MAX_DEPTH = 8;
  private static final int MAX_OBJECTS = 100_000;

  private final WireTypes types;

  WireForm(WireTypes types) {
    this.types = types;
  }

  byte[] write(Message message) {
    ByteBuf buffer = Unpooled.buffer(256);
    try (var writer = new Writer(buffer)) {
      writer.writeByte(VERSION);
      message.writeExternal(writer);
      byte[] bytes = new byte[buffer.readableBytes()];
      buffer.readBytes(bytes);
      return bytes;
    } catch (IOException e) {
      throw new IllegalStateException("a message of ScaleCube has no wire form", e);
    }
  }

  /// @throws IOException when the bytes are no message, whatever they are
  Message read(byte[] bytes) throws IOException {
    try (var reader = new Reader(Unpooled.wrappedBuffer(bytes))) {
      if (reader.readByte() != VERSION) {
        throw new StreamCorruptedException("another version of the wire form, or no SWIM");
      }
      var message = new Message();
      reader.fill(message);
      if (reader.available() > 0) {
        throw new StreamCorruptedException(reader.available() + " bytes behind the message");
      }
      return message;
    } catch (ClassNotFoundException | RuntimeException e) {
      throw new IOException("not a message", e);
    }
  }

  private final class Writer extends ByteBufOutputStream implements ObjectOutput {
    Writer(ByteBuf buffer) {
      super(buffer);
    }

    @Override
    public void writeObject(@Nullable Object value) throws IOException {
      if (value == null) {
        writeByte(NULL);
      } else if (value instanceof String text) {
        writeByte(TEXT);
        writeUTF(text);
      } else if (types.enumOf(value) >= 0) {
        writeByte(CONSTANT);
        writeByte(types.enumOf(value));
        writeByte(types.placeOf(value));
      } else if (types.tagOf(value) > 0) {
        writeByte(types.tagOf(value));
        ((Externalizable) value).writeExternal(this);
      } else {
        throw new IOException(value.getClass() + " does not travel");
      }
    }
  }

  private final class Reader extends ByteBufInputStream implements ObjectInput {
    private int depth;
    private int objects;
    private boolean countsOnly;

    Reader(ByteBuf buffer) {
      super(buffer);
    }

    @Override
    public @Nullable Object readObject() throws IOException, ClassNotFoundException {
      int tag = readUnsignedByte();
      if (++objects > MAX_OBJECTS) {
        throw new StreamCorruptedException("more than " + MAX_OBJECTS + " objects");
      }
      return switch (tag) {
        case NULL -> null;
        case TEXT -> readUTF();
        case CONSTANT -> {
          Object constant = types.constant(readUnsignedByte(), readUnsignedByte());
          if (constant == null) {
            throw new StreamCorruptedException("no such constant");
          }
          yield constant;
        }
        default -> {
          Externalizable value = types.create(tag);
          if (value == null) {
            throw new StreamCorruptedException("no such type: " + tag);
          }
          fill(value);
          yield value;
        }
      };
    }

    void fill(Externalizable value) throws IOException, ClassNotFoundException {
      if (++depth > MAX_DEPTH) {
        throw new StreamCorruptedException("more than " + MAX_DEPTH + " levels");
      }
      boolean outer = countsOnly;
      countsOnly = types.countsOnly(value);
      value.readExternal(this);
      countsOnly = outer;
      depth--;
    }

    @Override
    public int readInt() throws IOException {
      int value = super.readInt();
      if (value < 0 || (countsOnly && value > available())) {
        throw new StreamCorruptedException("a count beyond the end of the frame: " + value);
      }
      return value;
    }
  }
}
