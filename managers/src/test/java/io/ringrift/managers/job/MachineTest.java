package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MachineTest {
  @ParameterizedTest
  @CsvSource({"10,4,4,2.5", "10,2,64,0", "10,4,0,2.5", "10,8,4,1.25"})
  void inAContainerTheHostsLoadIsNotTheNodes(double load, int cpus, int hostCpus, double perCpu) {
    assertThat(Machine.perCpu(load, cpus, hostCpus)).isEqualTo(perCpu);
  }

  @Test
  void theHostsProcessorsAreCounted(@TempDir Path folder) throws IOException {
    Path stat = folder.resolve("stat");
    assertThat(Machine.hostCpus(stat)).isZero();
    Files.writeString(stat, "cpu  9 0 9\ncpu0 4 0 4\ncpu1 5 0 5\nintr 7\ncpus 3\n");
    assertThat(Machine.hostCpus(stat)).isEqualTo(2);
  }
}
