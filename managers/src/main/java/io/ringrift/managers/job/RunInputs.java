package io.ringrift.managers.job;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Brings the files that a run names to this node before its process begins, and lists them in its
/// folder. Blocks the run's own thread; its claim is renewed meanwhile as for any live run.
final class RunInputs {
  static final String MISSING = "inputs_missing";

  /// What sync gives one request, and a little more, so that its own answer comes first.
  private static final Duration LONGEST = Duration.ofMinutes(11);

  private static final Duration BEAT = Duration.ofMillis(500);
  private static final int MOST_TOLD = 5;
  private static final int LONGEST_DETAIL = 1000;

  private final Services services;

  RunInputs(Services services) {
    this.services = services;
  }

  /// Fetches and lists.
  ///
  /// @return how the run ends without a process; empty when every input is here
  /// @throws Refusal when the list cannot be written
  Optional<ExitStatus> gather(Run run, RunFolder folder) throws InterruptedException {
    List<InputFile> inputs = run.rawView().getOrder().getSpec().getInputsList();
    folder.writeInputs(inputs.stream().map(InputFile::getPath).toList());
    if (inputs.isEmpty()) {
      return Optional.empty();
    }
    var request = FetchFilesRequest.newBuilder();
    inputs.forEach(
        input ->
            request.addFiles(
                FileEntry.newBuilder().setPath(input.getPath()).setSha256(input.getSha256())));
    return await(
        run,
        SyncServiceGrpc.newFutureStub(services.local())
            .withDeadlineAfter(LONGEST.toMillis(), TimeUnit.MILLISECONDS)
            .fetchFiles(request.build()),
        inputs);
  }

  private static Optional<ExitStatus> await(
      Run run, ListenableFuture<FetchFilesResponse> answer, List<InputFile> inputs)
      throws InterruptedException {
    answer.addListener(run::ring, Runnable::run);
    try {
      while (!answer.isDone()) {
        var cause = run.stopCause();
        if (cause.isPresent()) {
          return Optional.of(
              Exits.without(cause.get(), cause.get() + ": its inputs were still being fetched"));
        }
        run.listen(BEAT);
      }
      var failed = answer.get().getFailedList();
      return failed.isEmpty() ? Optional.empty() : Optional.of(missing(told(failed, inputs)));
    } catch (ExecutionException e) {
      return Optional.of(missing("its inputs could not be fetched: " + why(e)));
    } finally {
      answer.cancel(true);
    }
  }

  private static String why(ExecutionException failure) {
    return failure.getCause() instanceof StatusRuntimeException status
        ? Errors.fromStatus(status).text()
        : String.valueOf(failure.getCause());
  }

  private static String told(List<FailedFile> failed, List<InputFile> inputs) {
    var hashes =
        inputs.stream()
            .collect(Collectors.toMap(InputFile::getPath, InputFile::getSha256, (one, _) -> one));
    String first =
        failed.stream()
            .limit(MOST_TOLD)
            .map(
                file ->
                    "%s (%s): %s: %s"
                        .formatted(
                            file.getPath(),
                            hashes.getOrDefault(file.getPath(), "no hash"),
                            file.getReason(),
                            file.getDetail()))
            .collect(Collectors.joining("; "));
    int more = failed.size() - MOST_TOLD;
    return failed.size()
        + " of "
        + inputs.size()
        + " inputs are not to be had: "
        + first
        + (more > 0 ? "; and " + more + " more" : "");
  }

  /// Cut, for the queue takes no longer error.
  private static ExitStatus missing(String detail) {
    return Exits.without(
        MISSING,
        detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL) + "…");
  }
}
