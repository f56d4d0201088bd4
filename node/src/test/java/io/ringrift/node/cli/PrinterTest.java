package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.Role;
import io.ringrift.job.v1.JobState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrinterTest {
  private final StringWriter out = new StringWriter();
  private final Printer printer = new Printer(new PrintWriter(out, true));

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    printer.table(List.of("A", "LONG"), List.of(List.of("wide cell", "x")));
    assertThat(out.toString()).isEqualTo("A          LONG\nwide cell  x\n");
  }

  @Test
  void jsonHasTheFieldNamesOfTheProtosEvenForEmptyValues() {
    printer.jsonLine(GetLeadershipResponse.newBuilder().setEpoch(3).build());
    assertThat(out.toString()).contains("\"leader_id\":\"\"", "\"epoch\":\"3\"");
  }

  @Test
  void statesLoseThePrefixOfTheirType() {
    assertThat(Printer.state(JobState.JOB_STATE_RUNNING)).isEqualTo("RUNNING");
    assertThat(Printer.state(Role.ROLE_LEADER)).isEqualTo("LEADER");
  }

  @Test
  void theReportIsOneJsonObjectWithItsTextsEscaped() {
    var report =
        new DemoReport(
            "http/bully",
            3,
            "n3",
            "n2",
            1,
            2,
            1.5,
            6,
            0,
            240,
            6,
            1000,
            true,
            30.25,
            List.of("a \"quoted\"\nproblem"));
    assertThat(report.toJson())
        .startsWith("{\"mode\": \"http/bully\", \"nodes\": 3")
        .contains("\"jobs\": {\"complete\": 6, \"failed\": 0}", "\"failover_seconds\": 1.500")
        .endsWith("\"problems\": [\"a \\\"quoted\\\"\\nproblem\"]}");
  }
}
