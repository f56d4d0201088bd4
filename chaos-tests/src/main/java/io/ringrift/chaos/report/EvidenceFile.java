package io.ringrift.chaos.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.RunEvidence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A run and its verdict as one JSON file. Names of fields are stable; `format` counts up when one
/// changes its meaning. Durations are ISO 8601.
public final class EvidenceFile {
  static final int FORMAT = 5;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Duration.class, new Written())
                  .addDeserializer(Duration.class, new Read()))
          .build();

  private EvidenceFile() {}

  /// The file's content.
  private record Content(
      @JsonProperty("format") int format,
      @JsonProperty("verdict") String verdict,
      @JsonProperty("exitCode") int exitCode,
      @JsonProperty("results") List<Result> results,
      @JsonProperty("run") RunEvidence run) {}

  static void write(Path file, Judged judged) throws IOException {
    Verdict verdict = judged.verdict();
    JSON.writeValue(
        file.toFile(),
        new Content(FORMAT, verdict.word(), verdict.exitCode(), verdict.results(), judged.run()));
  }

  /// @throws IOException when the file is not one of these; the message names it
  public static Judged read(Path file) throws IOException {
    Content content;
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      int format = tree.path("format").asInt();
      if (format != FORMAT) {
        throw new IOException("it has format %d; this build reads %d".formatted(format, FORMAT));
      }
      content = JSON.treeToValue(tree, Content.class);
    } catch (IOException e) {
      throw new IOException(file + " is no result of a chaos run: " + e.getMessage(), e);
    }
    return new Judged(content.run(), new Verdict(content.results(), content.run().failure()));
  }

  private static final class Written extends StdSerializer<Duration> {
    private static final long serialVersionUID = 1;

    Written() {
      super(Duration.class);
    }

    @Override
    public void serialize(Duration value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }
  }

  private static final class Read extends StdDeserializer<Duration> {
    private static final long serialVersionUID = 1;

    Read() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return Duration.parse(in.getText());
    }
  }
}
