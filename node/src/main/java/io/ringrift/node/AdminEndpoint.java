package io.ringrift.node;

import io.grpc.stub.StreamObserver;
import io.ringrift.admin.v1.AdminServiceGrpc;
import io.ringrift.admin.v1.ConfigChange;
import io.ringrift.admin.v1.GetConfigRequest;
import io.ringrift.admin.v1.GetConfigResponse;
import io.ringrift.admin.v1.ReloadConfigRequest;
import io.ringrift.admin.v1.ReloadConfigResponse;
import io.ringrift.admin.v1.ShutdownRequest;
import io.ringrift.admin.v1.ShutdownResponse;
import io.ringrift.managers.Replies;
import io.ringrift.node.config.Reload;
import io.ringrift.node.config.Setting;
import io.ringrift.status.v1.EffectiveSetting;
import java.util.List;
import java.util.function.Consumer;

/// Administration of this node. Secrets were masked when the settings were read.
final class AdminEndpoint extends AdminServiceGrpc.AdminServiceImplBase {
  private final LiveConfig live;
  private final Consumer<String> stop;

  /// @param stop begins an orderly stop and returns at once; given the cause
  AdminEndpoint(LiveConfig live, Consumer<String> stop) {
    this.live = live;
    this.stop = stop;
  }

  static List<EffectiveSetting> messages(List<Setting> settings) {
    return settings.stream()
        .map(
            s ->
                EffectiveSetting.newBuilder()
                    .setName(s.name())
                    .setValue(s.value())
                    .setOrigin(s.origin().toString())
                    .build())
        .toList();
  }

  @Override
  public void getConfig(GetConfigRequest request, StreamObserver<GetConfigResponse> observer) {
    Replies.unary(
        observer,
        () ->
            GetConfigResponse.newBuilder()
                .addAllSettings(messages(live.node().settings()))
                .build());
  }

  @Override
  public void reloadConfig(
      ReloadConfigRequest request, StreamObserver<ReloadConfigResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var reload = live.reload();
          return ReloadConfigResponse.newBuilder()
              .setNodeId(live.node().nodeId().value())
              .addAllApplied(changes(reload.applied()))
              .addAllRestartNeeded(changes(reload.restartNeeded()))
              .addAllWarnings(reload.warnings())
              .build();
        });
  }

  private static List<ConfigChange> changes(List<Reload.Change> changes) {
    return changes.stream()
        .map(
            change ->
                ConfigChange.newBuilder()
                    .setName(change.name())
                    .setOldValue(change.before())
                    .setNewValue(change.after())
                    .build())
        .toList();
  }

  @Override
  public void shutdown(ShutdownRequest request, StreamObserver<ShutdownResponse> observer) {
    Replies.unary(observer, ShutdownResponse::getDefaultInstance);
    stop.accept(request.getCause().isBlank() ? "asked by RPC" : request.getCause());
  }
}
