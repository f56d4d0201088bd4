package io.ringrift.chaos.run;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What is to be done to a deployment of the user's own.
///
/// @param addresses of its nodes
/// @param faults one behind another
/// @param token bearer token, where the deployment wants one
/// @param duration of the load of each
public record LivePlan(
    List<Endpoint> addresses,
    List<LiveFault> faults,
    Optional<String> token,
    long seed,
    Duration duration) {
  private static final Duration USUAL = Duration.ofSeconds(30);

  public LivePlan {
    addresses = List.copyOf(addresses);
    faults = List.copyOf(faults);
  }

  /// Reads what the command line says.
  ///
  /// @param names of scenarios; none for load alone, `all` for whatever is allowed
  /// @param allowed names of those that may touch a node
  /// @param duration zero for the usual one
  /// @throws Refusal INVALID_ARGUMENT for a name that is none, one that is not allowed, an address
  ///   or a token file that is none
  public static LivePlan of(
      List<String> addresses,
      List<String> names,
      List<String> allowed,
      Optional<Path> tokenFile,
      long seed,
      Duration duration) {
    Set<LiveFault> may = EnumSet.of(LiveFault.LOAD, LiveFault.CONSUMERS);
    allowed.forEach(word -> may.add(LiveFault.of("--allow", word)));
    List<LiveFault> faults =
        names.isEmpty()
            ? List.of(LiveFault.LOAD)
            : names.stream()
                .flatMap(
                    name ->
                        name.equals("all")
                            ? may.stream()
                            : Stream.of(LiveFault.of("SCENARIO", name)))
                .distinct()
                .toList();
    for (LiveFault fault : faults) {
      if (!may.contains(fault)) {
        throw Refusal.invalid(
            "SCENARIO",
            fault.word(),
            "allowed by --allow "
                + fault.word()
                + ": "
                + LiveFault.touching()
                + " do something to a node of the deployment");
      }
    }
    return new LivePlan(
        addresses.stream().map(Endpoint::parse).toList(),
        faults,
        tokenFile.map(Bearer::read),
        seed,
        duration.isZero() ? USUAL : duration);
  }

  /// Without the token.
  @Override
  public String toString() {
    return "live plan of %s at %s, seed %d, %s".formatted(faults, addresses, seed, duration);
  }

  /// Every node under its address, where names are not known.
  Map<String, Endpoint> byAddress() {
    var all = new LinkedHashMap<String, Endpoint>();
    addresses.forEach(each -> all.put(each.toString(), each));
    return all;
  }

  ClusterClient client(Duration patience) {
    return new ClusterClient(addresses, token, patience);
  }

  /// The command that does one of them again; it does not tell the token.
  String replay(LiveFault fault) {
    return "bin/ringrift chaos run %s --allow-live --address %s%s%s --seed %d"
        .formatted(
            fault.word(),
            String.join(",", addresses.stream().map(Endpoint::toString).toList()),
            fault.touches() ? " --allow " + fault.word() : "",
            token.isPresent() ? " --token-file FILE" : "",
            seed);
  }
}
