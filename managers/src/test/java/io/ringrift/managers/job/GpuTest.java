package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GpuTest {
  private static final GpuInventory TWO =
      new GpuInventory() {
        @Override
        public List<Device> devices() {
          return List.of(
              new Device("GPU-a", "H100", 80L << 30, 0, 0),
              new Device("GPU-b", "H100", 80L << 30, 0, 0));
        }

        @Override
        public void refresh() {}
      };

  private static ProcessOrder wanting(String id, int gpus) {
    var order = Bench.order(id, 1, 1, "sleeper").toBuilder();
    order.getSpecBuilder().setGpus(gpus);
    return order.build();
  }

  @Test
  void gpuIsNeverGivenTwiceNotEvenAfterAnAdoption(@TempDir Path folder) throws Exception {
    try (var bench = new Bench(folder, TWO, 8)) {
      bench.start(wanting("a", 1));
      bench.awaitState("a", JobState.JOB_STATE_RUNNING);
      bench.restart();
      bench.start(wanting("b", 1));
      assertThat(bench.view("a").getGpuUuidsList()).containsExactly("GPU-a");
      assertThat(bench.view("b").getGpuUuidsList()).containsExactly("GPU-b");
      assertThatThrownBy(() -> bench.start(wanting("c", 1)))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("0 of 2 are free");
      bench.supervisor.table().ofJob("a").getFirst().stop("cancelled");
      bench.awaitClosed("a");
      bench.start(wanting("d", 1));
      assertThat(bench.view("d").getGpuUuidsList()).containsExactly("GPU-a");
    }
  }

  @Test
  void jobWithoutGpusSeesNoneOnAGpuNode(@TempDir Path folder) throws Exception {
    try (var bench = new Bench(folder, TWO, 8)) {
      bench.start(Bench.order("a", 1, 1, "env"));
      bench.awaitClosed("a");
      assertThat(bench.log("a", "stdout").lines()).contains("CUDA_VISIBLE_DEVICES=");
    }
  }

  @Test
  void answerOfNvidiaSmiIsReadAndItsNoiseIsPassedOver() {
    assertThat(
            NvidiaSmi.parse(
                """
                GPU-6f5c, NVIDIA H100 80GB HBM3, 81559, 37, 40779
                GPU-77aa, NVIDIA GH200 480GB, 97871, [N/A], [N/A]
                Unable to determine the device handle for GPU 0000:3B:00.0
                """))
        .satisfiesExactly(
            first -> {
              assertThat(first.uuid()).isEqualTo("GPU-6f5c");
              assertThat(first.name()).isEqualTo("NVIDIA H100 80GB HBM3");
              assertThat(first.memoryBytes()).isEqualTo(81559L << 20);
              assertThat(first.utilizationPercent()).isEqualTo(37);
              assertThat(first.memoryPercent()).isBetween(49.9, 50.1);
            },
            second -> assertThat(second.utilizationPercent()).isZero());
  }
}
