package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.selfplay.Targets.Backpressure;
import io.ringrift.managers.selfplay.Targets.Limits;
import io.ringrift.managers.selfplay.Targets.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  private static final Limits LIMITS = new Limits(8L << 30, 70, 75, 0.3, 0);

  /// A node at rest that plays so much already that only its cap limits it.
  private static Node node(int cpus, int gpus, String gpu) {
    return new Node("n1", false, cpus, 256L << 30, gpus, gpu, 10, 20, 30, 10, 10, 1000);
  }

  private static Node cpuNode(double cpu, double memory, double disk, int memoryGib, int running) {
    return new Node(
        "n1", false, 100, (long) memoryGib << 30, 0, "", cpu, memory, disk, 0, 0, running);
  }

  private static int jobs(Node node) {
    return Targets.of(node, LIMITS, Backpressure.NONE).gpuJobs();
  }

  @ParameterizedTest
  @CsvSource({
    "NVIDIA GH200 480GB,1,72,57,48",
    "NVIDIA H100 80GB HBM3,1,64,32,32",
    "NVIDIA H200,8,192,48,32",
    "NVIDIA A100-SXM4-80GB,1,64,25,24",
    "NVIDIA L40S,1,200,32,24",
    "NVIDIA GeForce RTX 5090,1,128,12,48",
    "NVIDIA GeForce RTX 5090,2,64,19,48",
    "NVIDIA GeForce RTX 5090,8,384,64,48",
    "NVIDIA A10G,1,32,9,16",
    "NVIDIA GeForce RTX 4090,1,128,24,16",
    "NVIDIA GeForce RTX 3090,1,24,7,16",
    "NVIDIA GeForce RTX 4080,1,32,8,8",
    "NVIDIA GeForce RTX 4070,1,64,12,8",
    "NVIDIA GeForce RTX 3080,1,16,4,8",
    "NVIDIA GeForce RTX 4060 Ti,1,8,2,8",
    "NVIDIA GeForce RTX 3070,1,64,10,6",
    "NVIDIA GeForce RTX 3060,1,24,4,6",
    "NVIDIA GeForce RTX 2080 Ti,1,32,6,6",
    "Tesla P40,1,64,8,6",
    "NVIDIA RTX A1000,1,20,4,6",
    "Apple M3,1,10,3,8",
    "'',0,64,19,8",
    "'',0,400,32,8"
  })
  void capIsThatOfTheHardwaresRow(String gpu, int gpus, int cpus, int cap, int withoutCpus) {
    assertThat(Targets.of(node(cpus, gpus, gpu), LIMITS, Backpressure.NONE).cap()).isEqualTo(cap);
    assertThat(Targets.of(node(0, gpus, gpu), LIMITS, Backpressure.NONE).cap())
        .isEqualTo(withoutCpus);
    assertThat(jobs(node(cpus, gpus, gpu))).isEqualTo(cap);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 4, 16, 64, 128, 512})
  void aNodeWithoutGpuGetsOneToThirtyTwo(int cpus) {
    for (int running : new int[] {0, 5, 1000}) {
      var node = new Node("n1", false, cpus, 16L << 30, 0, "", 10, 20, 30, 0, 0, running);
      assertThat(jobs(node)).isBetween(1, 32);
    }
  }

  @ParameterizedTest
  @CsvSource({"2,1.0,2", "8,0.3,2", "8,1,8", "4,0.1,1", "64,1,32"})
  void aNodeWithoutGpuPlaysSoMuchPerProcessor(int cpus, double perCpu, int jobs) {
    var limits = new Limits(0, 70, 75, perCpu, 0);
    var target = Targets.of(node(cpus, 0, ""), limits, Backpressure.NONE);
    assertThat(target.total()).isEqualTo(jobs);
  }

  @Test
  void aFullDiskLeavesFour() {
    assertThat(jobs(cpuNode(10, 20, 69.9, 64, 1000))).isEqualTo(30);
    assertThat(jobs(cpuNode(10, 20, 70, 64, 1000))).isEqualTo(4);
  }

  @Test
  void littleMemoryLeavesTwo() {
    assertThat(jobs(cpuNode(10, 74.9, 30, 64, 1000))).isEqualTo(30);
    assertThat(jobs(cpuNode(10, 75, 30, 64, 1000))).isEqualTo(2);
    assertThat(jobs(cpuNode(10, 75, 70, 64, 1000))).isEqualTo(2);
  }

  @Test
  void anEmergencyLeavesNone() {
    var ill = new Node("n1", true, 100, 64L << 30, 0, "", 10, 20, 30, 0, 0, 5);
    var target = Targets.of(ill, LIMITS, Backpressure.NONE);
    assertThat(target.total()).isZero();
    assertThat(target.causes()).hasSize(1);
  }

  @Test
  void aStopByBackpressureLeavesNone() {
    assertThat(Targets.of(cpuNode(10, 20, 30, 64, 5), LIMITS, new Backpressure(true, 0)).total())
        .isZero();
  }

  @Test
  void lessMemoryThanTheLeastLeavesNone() {
    assertThat(jobs(cpuNode(10, 20, 30, 7, 1000))).isZero();
    assertThat(jobs(cpuNode(10, 20, 30, 8, 1000))).isEqualTo(30);
  }

  @Test
  void backpressureHalves() {
    var node = cpuNode(10, 20, 30, 64, 1000);
    assertThat(Targets.of(node, LIMITS, Backpressure.of(500, 500, 1000)).gpuJobs()).isEqualTo(15);
    assertThat(Backpressure.of(499, 500, 1000)).isEqualTo(Backpressure.NONE);
    assertThat(Backpressure.of(1000, 500, 1000).stop()).isTrue();
  }

  @Test
  void aBusyGpuTakesTwoAway() {
    var busy = new Node("n1", false, 64, 256L << 30, 1, "H100", 10, 20, 30, 85.1, 0, 0);
    var full = new Node("n1", false, 64, 256L << 30, 1, "H100", 10, 20, 30, 0, 85.1, 0);
    assertThat(jobs(busy)).isEqualTo(30);
    assertThat(jobs(full)).isEqualTo(30);
  }

  @Test
  void busyProcessorsTakeOneAway() {
    assertThat(jobs(cpuNode(80.1, 20, 30, 64, 0))).isEqualTo(29);
  }

  @Test
  void aNodeWithHeadroomGetsTwoMoreThanItRuns() {
    assertThat(jobs(cpuNode(80, 20, 30, 64, 0))).isEqualTo(2);
    assertThat(jobs(cpuNode(80, 20, 30, 64, 27))).isEqualTo(29);
    assertThat(jobs(cpuNode(80, 20, 30, 64, 29))).isEqualTo(30);
  }

  @Test
  void pressureNeverRaisesASmallCap() {
    var small = new Node("n1", false, 4, 16L << 30, 0, "", 99, 20, 30, 0, 0, 9);
    assertThat(jobs(small)).isEqualTo(1);
  }

  @Test
  void withoutALimitForThemThereAreNoCpuOnlyJobs() {
    var target = Targets.of(node(256, 1, "RTX 3070"), LIMITS, Backpressure.NONE);
    assertThat(target.cpuOnlyJobs()).isZero();
    assertThat(target.total()).isEqualTo(target.gpuJobs());
  }

  @ParameterizedTest
  @CsvSource({"RTX 3070,1,256,10,5", "RTX 3070,1,64,10,5", "H100,1,256,48,0", "'',0,64,19,0"})
  void totalIsTheSumOfBoth(String gpu, int gpus, int cpus, int gpuJobs, int cpuOnly) {
    var limits = new Limits(8L << 30, 70, 75, 0.3, 5);
    var target = Targets.of(node(cpus, gpus, gpu), limits, Backpressure.NONE);
    assertThat(target.gpuJobs()).isEqualTo(gpuJobs);
    assertThat(target.cpuOnlyJobs()).isEqualTo(cpuOnly);
    assertThat(target.total()).isEqualTo(gpuJobs + cpuOnly);
  }

  @ParameterizedTest
  @CsvSource({
    "RTX 3060,1,63,false",
    "GH200,1,256,false",
    "H100,1,256,false",
    "H200,1,256,false",
    "A100,1,256,false",
    "L40,1,256,false",
    "RTX 2080 Ti,1,64,true",
    "RTX 3060,1,64,true",
    "RTX 3070,1,64,true",
    "RTX 4060,1,64,true",
    "RTX 4070,1,64,true",
    "RTX 5090,1,127,false",
    "RTX 5090,1,128,true",
    "RTX 4090,1,127,false",
    "RTX 3090,1,128,true",
    "Tesla P40,1,64,true",
    "'',0,64,true"
  })
  void cpuOnlyJobsRunBesideTheseGpus(String gpu, int gpus, int cpus, boolean expected) {
    assertThat(Targets.spawnsCpuOnly(node(cpus, gpus, gpu), true)).isEqualTo(expected);
    assertThat(Targets.spawnsCpuOnly(node(cpus, gpus, gpu), false)).isFalse();
  }
}
