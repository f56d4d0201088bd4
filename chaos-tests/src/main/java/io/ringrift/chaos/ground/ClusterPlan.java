package io.ringrift.chaos.ground;

import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a cluster under test is made of.
///
/// @param folder of everything that it writes; also the mark by which its processes are known
/// @param voters how many; they are called n1, n2, …
/// @param workers nodes beside them that only dial out; called w1, w2, …
/// @param timing preset: local, lan or wan
/// @param stateMegabytes size of a file system of its own for each state folder; 0 for none
/// @param jvmFlags of every node process
/// @param seed of every chance on the links
public record ClusterPlan(
    Path folder,
    int voters,
    int workers,
    String timing,
    ConsensusMode consensus,
    MembershipMode membership,
    int stateMegabytes,
    List<String> jvmFlags,
    long seed) {
  /// Small and quick to start: what a node does here needs no optimizing compiler.
  public static final List<String> SMALL_JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx192m",
          "-Xss512k",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dlogback.configurationFile=logback.xml",
          "-Dcom.linecorp.armeria.warnNettyVersions=false");

  public ClusterPlan {
    jvmFlags = List.copyOf(jvmFlags);
  }

  public List<String> voterNames() {
    return IntStream.rangeClosed(1, voters).mapToObj(i -> "n" + i).toList();
  }

  public List<String> workerNames() {
    return IntStream.rangeClosed(1, workers).mapToObj(i -> "w" + i).toList();
  }

  List<String> nodeNames() {
    return Stream.concat(voterNames().stream(), workerNames().stream()).toList();
  }

  /// Everything of the configuration but the voters and what belongs to one node.
  String settings() {
    return """
    cluster_id: chaos
    timing: %s
    consensus_mode: %s
    membership_mode: %s
    queue: {soft_limit: 100000, hard_limit: 200000}
    jobs: {max_jobs: 8}
    sync: {interval: 2s, replication_target: %d}
    workloads:
      chaos-effect:
        job_type: selfplay
        argv:
          - /bin/sh
          - -c
          - |
            told() {
              read -r up idle </proc/uptime
              echo "$up $RINGRIFT_NODE_ID $RINGRIFT_JOB_ID $RINGRIFT_ATTEMPT $RINGRIFT_EPOCH $1" >>"$0"
            }
            told start
            sleep 0.2
            told end
          - "{effects}"
    """
        .formatted(
            timing,
            consensus.name().toLowerCase(Locale.ROOT),
            membership.name().toLowerCase(Locale.ROOT),
            voters);
  }

  Path nodeFolder(String node) {
    return folder.resolve(node);
  }

  Path stateFolder(String node) {
    return nodeFolder(node).resolve("state");
  }

  Path dataFolder(String node) {
    return nodeFolder(node).resolve("data");
  }

  Path log(String node) {
    return nodeFolder(node).resolve("node.log");
  }
}
