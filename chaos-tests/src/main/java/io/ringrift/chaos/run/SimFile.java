package io.ringrift.chaos.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.SideCells;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A simulation as a file that `sim replay FILE` runs again: seed, size, timing and the faults,
/// whose times are virtual nanoseconds. Names of fields are stable.
///
/// @param timing preset: local, lan or wan
/// @param virtualNanos how long faults go on
/// @param invariant that it broke when it was saved; empty when none
public record SimFile(
    @JsonProperty("format") int format,
    @JsonProperty("seed") long seed,
    @JsonProperty("nodes") int nodes,
    @JsonProperty("timing") String timing,
    @JsonProperty("virtualNanos") long virtualNanos,
    @JsonProperty("invariant") String invariant,
    @JsonProperty("faults") List<Fault> faults) {
  /// What the name of such a file ends in; that of a result ends in `.json`.
  public static final String ENDING = ".sim";

  private static final int FORMAT = 1;
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final long LARGEST_BYTES = 4 << 20;
  private static final ObjectMapper JSON =
      JsonMapper.builder().addMixIn(Fault.class, Kinds.class).build();

  /// Each kind of fault under its own name.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Fault.Crash.class, name = "crash"),
    @JsonSubTypes.Type(value = Fault.Leave.class, name = "leave"),
    @JsonSubTypes.Type(value = Fault.Pause.class, name = "pause"),
    @JsonSubTypes.Type(value = Fault.Cut.class, name = "cut"),
    @JsonSubTypes.Type(value = Fault.Isolate.class, name = "isolate"),
    @JsonSubTypes.Type(value = Fault.Weather.class, name = "weather"),
    @JsonSubTypes.Type(value = Fault.Link.class, name = "link"),
    @JsonSubTypes.Type(value = Fault.ClockRate.class, name = "clock_rate"),
    @JsonSubTypes.Type(value = Fault.StepDown.class, name = "step_down"),
    @JsonSubTypes.Type(value = Fault.Transfer.class, name = "transfer"),
    @JsonSubTypes.Type(value = Fault.Unfit.class, name = "unfit")
  })
  private interface Kinds {}

  public SimFile {
    faults = List.copyOf(faults);
  }

  static SimFile of(SimConfig config, String timing, String invariant) {
    return new SimFile(
        FORMAT,
        config.seed(),
        config.nodes(),
        timing,
        config.virtual().toNanos(),
        invariant,
        config.schedule().orElseThrow());
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), this);
  }

  /// @throws Refusal INVALID_ARGUMENT naming the file and what is wrong with it
  public static SimFile read(Path file) {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw Refusal.invalid("FILE", file.toString(), "a file of at most 4 MiB");
      }
      JsonNode tree = JSON.readTree(file.toFile());
      if (tree.path("format").asInt() != FORMAT) {
        throw new IOException(
            "its format is \"%s\"; this build reads %d"
                .formatted(tree.path("format").asText(), FORMAT));
      }
      SimFile read = JSON.treeToValue(tree, SimFile.class);
      read.check();
      return read;
    } catch (IOException | NullPointerException e) {
      throw new Refusal(
          Reason.INVALID_ARGUMENT,
          file
              + " is no simulation that \"sim run\" or \"chaos run --ground sim\" saved: "
              + e.getMessage(),
          e);
    }
  }

  private void check() {
    if (nodes < 1 || nodes > SimConfig.MOST_NODES) {
      throw Refusal.invalid("nodes", Integer.toString(nodes), "1 to " + SimConfig.MOST_NODES);
    }
    if (virtualNanos < 1 || virtualNanos > LONGEST.toNanos()) {
      throw Refusal.invalid(
          "virtualNanos", Long.toString(virtualNanos), "1 to those of " + LONGEST);
    }
    var _ = Presets.of(timing);
  }

  /// The run that it describes.
  public SimConfig config() {
    return SimConfig.of(
            seed, nodes, Duration.ofNanos(virtualNanos), Presets.of(timing), BullyCell.protocol())
        .beside(new SideCells(MembershipCell.protocol(), GossipCell.protocol()))
        .under(faults);
  }
}
