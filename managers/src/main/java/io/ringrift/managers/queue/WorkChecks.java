package io.ringrift.managers.queue;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Checks of everything that comes in. Each throws INVALID_ARGUMENT naming field, value and rule;
/// what fails here never reaches the ledger.
@Pure
final class WorkChecks {
  static final int MOST_ITEMS = 100;
  static final int MOST_PAGE = 1000;

  private static final Pattern WORK_TYPE = Pattern.compile("[a-z][a-z0-9_]{0,39}");
  private static final Pattern WORK_ID = Pattern.compile("[0-9A-Za-z._-]{1,64}");
  private static final int MOST_PAYLOAD = 48 * 1024;
  private static final int MOST_NAMES = 100;
  private static final int MOST_PARAMS = 64;
  private static final int MOST_INPUTS = 256;
  private static final int MOST_GAMES = 1_000_000;
  private static final long LONGEST_SECONDS = 30L * 86_400;

  private WorkChecks() {}

  static void submit(SubmitWorkRequest request) {
    requestId(request.getRequestId());
    range("items", request.getItemsCount(), 1, MOST_ITEMS);
    for (int i = 0; i < request.getItemsCount(); i++) {
      spec("items[" + i + "]", request.getItems(i));
    }
  }

  private static void spec(String field, WorkSpec spec) {
    workType(field + ".work_type", spec.getWorkType());
    if (spec.hasPriority()) {
      range(field + ".priority", spec.getPriority(), 0, 100);
    }
    bytes(field + ".payload", spec.getPayload(), MOST_PAYLOAD);
    node(field + ".target_node_id", spec.getTargetNodeId());
    range(field + ".excluded_node_ids", spec.getExcludedNodeIdsCount(), 0, 64);
    spec.getExcludedNodeIdsList().forEach(id -> node(field + ".excluded_node_ids", id));
    range(field + ".depends_on", spec.getDependsOnCount(), 0, MOST_NAMES);
    spec.getDependsOnList().forEach(id -> workId(field + ".depends_on", id));
    range(field + ".max_attempts", spec.getMaxAttempts(), 0, 100);
    if (spec.hasClaimLease()) {
      duration(field + ".claim_lease", spec.getClaimLease());
    }
    if (spec.hasTimeout()) {
      duration(field + ".timeout", spec.getTimeout());
    }
    if (spec.hasJob()) {
      job(field + ".job", spec.getJob());
    }
  }

  private static void job(String field, JobSpec job) {
    if (!job.getWorkload().isEmpty() && job.getExecArgvCount() > 0) {
      throw Refusal.invalid(
          field + ".exec_argv", job.getExecArgv(0), "absent when a workload is named");
    }
    bytes(field + ".workload", job.getWorkload(), 100);
    bytes(field + ".job_type", job.getJobType(), 40);
    bytes(field + ".board_type", job.getBoardType(), 40);
    bytes(field + ".engine_mode", job.getEngineMode(), 60);
    range(field + ".num_players", job.getNumPlayers(), 0, 8);
    range(field + ".num_games", job.getNumGames(), 0, MOST_GAMES);
    range(field + ".gpus", job.getGpus(), 0, 64);
    range(field + ".cpus", job.getCpus(), 0, 4096);
    if (job.getMemoryBytes() < 0) {
      throw Refusal.invalid(
          field + ".memory_bytes", Long.toString(job.getMemoryBytes()), "0 or greater");
    }
    range(field + ".params", job.getParamsCount(), 0, MOST_PARAMS);
    job.getParamsMap()
        .forEach((name, value) -> bytes(field + ".params[" + name + "]", value, 4096));
    range(field + ".exec_argv", job.getExecArgvCount(), 0, MOST_NAMES);
    job.getExecArgvList().forEach(arg -> bytes(field + ".exec_argv", arg, 4096));
    node(field + ".target_node_id", job.getTargetNodeId());
    job.getExcludedNodeIdsList().forEach(id -> node(field + ".excluded_node_ids", id));
    range(field + ".inputs", job.getInputsCount(), 0, MOST_INPUTS);
    if (job.hasTimeout()) {
      duration(field + ".timeout", job.getTimeout());
    }
  }

  static void claim(ClaimWorkRequest request, long longestWaitMillis) {
    requestId(request.getRequestId());
    required("worker_id", request.getWorkerId());
    node("worker_id", request.getWorkerId());
    range("capabilities", request.getCapabilitiesCount(), 1, MOST_NAMES);
    request.getCapabilitiesList().forEach(type -> workType("capabilities", type));
    range("max_items", request.getMaxItems(), 0, 32);
    range("free_gpus", request.getFreeGpus(), 0, 1024);
    if (request.getMemoryBytes() < 0) {
      throw Refusal.invalid(
          "memory_bytes", Long.toString(request.getMemoryBytes()), "0 or greater");
    }
    range("workloads", request.getWorkloadsCount(), 0, MOST_NAMES);
    long millis = millis(request.getWait());
    if (millis < 0 || millis > longestWaitMillis) {
      throw Refusal.invalid("wait", millis + " ms", "0 to " + longestWaitMillis + " ms");
    }
  }

  static void claimRef(ClaimRef claim) {
    workId("claim.work_id", claim.getWorkId());
    required("claim.worker_id", claim.getWorkerId());
    if (claim.getClaimToken() == 0) {
      throw Refusal.invalid("claim.claim_token", "0", "the token that ClaimWork returned");
    }
  }

  static void workId(String field, String value) {
    if (!WORK_ID.matcher(value).matches()) {
      throw Refusal.invalid(field, value, "1 to 64 of 0-9 A-Z a-z . _ -");
    }
  }

  static void requestId(String value) {
    bytes("request_id", value, 128);
  }

  static void bytes(String field, String value, int most) {
    int length = value.getBytes(StandardCharsets.UTF_8).length;
    if (length > most) {
      throw Refusal.invalid(field, value, "at most " + most + " bytes, not " + length);
    }
  }

  static void range(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw Refusal.invalid(field, Integer.toString(value), least + " to " + most);
    }
  }

  private static void required(String field, String value) {
    if (value.isEmpty()) {
      throw Refusal.invalid(field, value, "given");
    }
  }

  private static void workType(String field, String value) {
    if (!WORK_TYPE.matcher(value).matches()) {
      throw Refusal.invalid(
          field, value, "1 to 40 of a-z 0-9 _ beginning with a letter, for example selfplay");
    }
  }

  private static void node(String field, String value) {
    if (!value.isEmpty()) {
      try {
        var _ = new NodeId(value);
      } catch (Refusal e) {
        throw Refusal.invalid(field, value, "1 to 63 of A-Z a-z 0-9 . _ -");
      }
    }
  }

  private static void duration(String field, Duration value) {
    boolean sound =
        value.getSeconds() >= 0
            && value.getSeconds() <= LONGEST_SECONDS
            && value.getNanos() >= 0
            && millis(value) > 0;
    if (!sound) {
      throw Refusal.invalid(
          field, value.getSeconds() + "." + value.getNanos() + " s", "0.001 s to 30 days");
    }
  }

  /// Milliseconds; negative or absurd values give a negative one.
  static long millis(Duration value) {
    if (value.getSeconds() < 0 || value.getNanos() < 0 || value.getSeconds() > LONGEST_SECONDS) {
      return -1;
    }
    return value.getSeconds() * 1000 + value.getNanos() / 1_000_000;
  }
}
