package io.ringrift.managers.training;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;
import java.util.TreeMap;

/// What a program said at its end: the fields of a JSON object as texts.
final class Outputs {
  private Outputs() {}

  /// Fields that are texts, numbers or truth values; none when it is no JSON object.
  static Map<String, String> fields(String output) {
    var struct = Struct.newBuilder();
    var fields = new TreeMap<String, String>();
    try {
      JsonFormat.parser().merge(output.isEmpty() ? "{}" : output, struct);
    } catch (InvalidProtocolBufferException e) {
      return fields;
    }
    struct.getFieldsMap().forEach((name, value) -> put(fields, name, value));
    return fields;
  }

  private static void put(Map<String, String> fields, String name, Value value) {
    switch (value.getKindCase()) {
      case STRING_VALUE -> fields.put(name, value.getStringValue());
      case BOOL_VALUE -> fields.put(name, Boolean.toString(value.getBoolValue()));
      case NUMBER_VALUE -> fields.put(name, number(value.getNumberValue()));
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> {}
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
