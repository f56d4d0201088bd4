package io.ringrift.managers;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A JSON object (RFC 8259) that a program printed.
public final class JsonFields {
  private JsonFields() {}

  /// Whether a text is one JSON object and nothing beside.
  public static boolean matches(String text) {
    return parsed(text).isPresent();
  }

  /// Fields that are texts, numbers or truth values, as texts; none when it is no JSON object.
  public static Map<String, String> of(String text) {
    return fields(text, _ -> true);
  }

  /// Fields that are numbers, as they were written.
  public static Map<String, String> numbers(String text) {
    return fields(text, JsonPrimitive::isNumber);
  }

  private static Map<String, String> fields(String text, Predicate<JsonPrimitive> wanted) {
    var fields = new TreeMap<String, String>();
    parsed(text)
        .ifPresent(
            object ->
                object
                    .getAsJsonObject()
                    .asMap()
                    .forEach(
                        (name, value) -> {
                          if (value.isJsonPrimitive() && wanted.test(value.getAsJsonPrimitive())) {
                            fields.put(name, value.getAsString());
                          }
                        }));
    return fields;
  }

  private static Optional<JsonElement> parsed(String text) {
    var reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    try {
      var element = JsonParser.parseReader(reader);
      boolean whole = reader.peek() == JsonToken.END_DOCUMENT;
      return whole && element.isJsonObject() ? Optional.of(element) : Optional.empty();
    } catch (JsonParseException | IOException e) {
      return Optional.empty();
    }
  }
}
