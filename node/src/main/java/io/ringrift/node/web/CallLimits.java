package io.ringrift.node.web;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor.MethodType;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.VoterServiceGrpc;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A unary call has a length and a deadline even when its client names none, so that a body that
/// never ends is cut; a stream has neither, its messages have a size and its connection is pinged.
final class CallLimits implements DecoratingHttpServiceFunction {
  private static final String TIMEOUT = "grpc-timeout";
  private static final Pattern FORM = Pattern.compile("(\\d{1,8})([HMSmun])");

  /// Calls that move or hash files, run a round of anything or wait for the whole cluster, over
  /// gRPC and as JSON.
  private static final Set<String> LONG =
      Set.of(
          "/" + SyncServiceGrpc.getPullFilesMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getFetchFilesMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getHaveFilesMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getListClusterFilesMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getRunSyncMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getVerifyFilesMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getCollectGarbageMethod().getFullMethodName(),
          "/" + SyncServiceGrpc.getCheckCopiesMethod().getFullMethodName(),
          "/" + LoopServiceGrpc.getRunLoopMethod().getFullMethodName(),
          "/" + VoterServiceGrpc.getAddVoterMethod().getFullMethodName(),
          "/" + VoterServiceGrpc.getRemoveVoterMethod().getFullMethodName(),
          "/" + ModeServiceGrpc.getSwitchModeMethod().getFullMethodName(),
          "/v1/cluster/voters:add",
          "/v1/cluster/voters:remove",
          "/v1/cluster:switchMode",
          "/cluster_data_manifest",
          "/sync/pull",
          "/v1/sync/copies",
          "/v1/sync/files",
          "/v1/sync:collectGarbage",
          "/v1/sync:fetch",
          "/v1/sync:have",
          "/v1/sync:run",
          "/v1/sync:verify");

  private final Set<String> streams;
  private final Duration longest;
  private final Duration longestWork;

  /// @param longest most unary calls
  /// @param longestWork those that move or hash files
  CallLimits(List<BindableService> services, Duration longest, Duration longestWork) {
    this.longest = longest;
    this.longestWork = longestWork;
    this.streams =
        services.stream()
            .flatMap(s -> s.bindService().getMethods().stream())
            .map(m -> m.getMethodDescriptor())
            .filter(m -> m.getType() != MethodType.UNARY)
            .map(m -> "/" + m.getFullMethodName())
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public HttpResponse serve(HttpService next, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    if (streams.contains(ctx.path())) {
      ctx.setMaxRequestLength(0);
      return next.serve(ctx, request);
    }
    Duration most = longest(ctx.path());
    if (!GrpcRefusal.isGrpc(request.contentType())) {
      ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, most);
      return next.serve(ctx, request);
    }
    if (isWithin(request.headers().get(TIMEOUT), most)) {
      return next.serve(ctx, request);
    }
    var bounded =
        request.withHeaders(
            request.headers().toBuilder().set(TIMEOUT, most.toMillis() + "m").build());
    ctx.updateRequest(bounded);
    return next.serve(ctx, bounded);
  }

  /// The longest that a unary call of that path may take.
  Duration longest(String path) {
    return LONG.contains(path) ? longestWork : longest;
  }

  private static boolean isWithin(@Nullable String timeout, Duration most) {
    Matcher form = timeout == null ? null : FORM.matcher(timeout);
    if (form == null || !form.matches()) {
      return false;
    }
    long amount = Long.parseLong(form.group(1));
    Duration asked =
        switch (form.group(2)) {
          case "H" -> Duration.ofHours(amount);
          case "M" -> Duration.ofMinutes(amount);
          case "S" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMillis(amount);
          case "u" -> Duration.ofNanos(amount * 1000);
          default -> Duration.ofNanos(amount);
        };
    return asked.compareTo(most) <= 0;
  }
}
