package io.ringrift.benchmarks;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The few messages of etcd's API v3 that the measurements need, written by field number.
final class EtcdWire {
  static final MethodDescriptor<byte[], byte[]> PUT = Calls.bytes("etcdserverpb.KV/Put");
  static final MethodDescriptor<byte[], byte[]> RANGE = Calls.bytes("etcdserverpb.KV/Range");
  static final MethodDescriptor<byte[], byte[]> TXN = Calls.bytes("etcdserverpb.KV/Txn");
  static final MethodDescriptor<byte[], byte[]> DELETE = Calls.bytes("etcdserverpb.KV/DeleteRange");
  static final MethodDescriptor<byte[], byte[]> STATUS =
      Calls.bytes("etcdserverpb.Maintenance/Status");

  /// A key and the revision of its last change.
  record Found(String key, long modRevision) {}

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private EtcdWire() {}

  /// PutRequest: key 1, value 2.
  static byte[] put(byte[] key, byte[] value) {
    return message(
        out -> {
          out.writeByteArray(1, key);
          out.writeByteArray(2, value);
        });
  }

  /// RangeRequest of one key; linearizable unless serializable (7) is set.
  static byte[] get(byte[] key) {
    return message(out -> out.writeByteArray(1, key));
  }

  /// RangeRequest: key 1, range_end 2, limit 3, keys_only 8. Without an order etcd answers in that
  /// of the keys.
  static byte[] firstKeys(String from, String to, int limit) {
    return message(
        out -> {
          out.writeByteArray(1, bytes(from));
          out.writeByteArray(2, bytes(to));
          out.writeInt64(3, limit);
          out.writeBool(8, true);
        });
  }

  /// DeleteRangeRequest: key 1, range_end 2.
  static byte[] delete(String key) {
    return message(out -> out.writeByteArray(1, bytes(key)));
  }

  static byte[] deleteRange(String from, String to) {
    return message(
        out -> {
          out.writeByteArray(1, bytes(from));
          out.writeByteArray(2, bytes(to));
        });
  }

  /// TxnRequest: if the key's mod_revision still is the one seen (compare 1: target 2 = MOD, key 3,
  /// mod_revision 6), then delete it and put the claim (success 2: request_delete_range 3,
  /// request_put 2).
  static byte[] claim(Found item, String claim, byte[] owner) {
    byte[] compare =
        message(
            out -> {
              out.writeEnum(2, 2);
              out.writeByteArray(3, bytes(item.key()));
              out.writeInt64(6, item.modRevision());
            });
    byte[] remove = message(out -> out.writeByteArray(3, delete(item.key())));
    byte[] take = message(out -> out.writeByteArray(2, put(bytes(claim), owner)));
    return message(
        out -> {
          out.writeByteArray(1, compare);
          out.writeByteArray(2, remove);
          out.writeByteArray(2, take);
        });
  }

  /// TxnResponse: succeeded 2.
  static boolean succeeded(byte[] response) {
    return number(response, 2) == 1;
  }

  /// RangeResponse: kvs 2; KeyValue: key 1, mod_revision 3.
  static List<Found> found(byte[] response) {
    var all = new ArrayList<Found>();
    for (byte[] entry : messages(response, 2)) {
      String key = new String(messages(entry, 1).getFirst(), StandardCharsets.UTF_8);
      all.add(new Found(key, number(entry, 3)));
    }
    return all;
  }

  /// StatusResponse: header 1 with member_id 2, leader 4.
  static boolean leads(byte[] status) {
    return number(messages(status, 1).getFirst(), 2) == number(status, 4);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] message(Fields fields) {
    var bytes = new ByteArrayOutputStream(256);
    var out = CodedOutputStream.newInstance(bytes, 256);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static long number(byte[] message, int field) {
    var in = CodedInputStream.newInstance(message);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == tag(field, WireFormat.WIRETYPE_VARINT)) {
          return in.readUInt64();
        }
        in.skipField(tag);
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<byte[]> messages(byte[] message, int field) {
    var in = CodedInputStream.newInstance(message);
    var all = new ArrayList<byte[]>();
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
          all.add(in.readByteArray());
        } else {
          in.skipField(tag);
        }
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int tag(int field, int type) {
    return field << 3 | type;
  }
}
