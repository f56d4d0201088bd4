package io.ringrift.node;

import io.grpc.stub.StreamObserver;
import io.ringrift.admin.v1.AdminServiceGrpc;
import io.ringrift.admin.v1.GetConfigRequest;
import io.ringrift.admin.v1.GetConfigResponse;
import io.ringrift.admin.v1.ShutdownRequest;
import io.ringrift.admin.v1.ShutdownResponse;
import io.ringrift.managers.Replies;
import io.ringrift.node.config.Setting;
import io.ringrift.status.v1.EffectiveSetting;
import java.util.List;
import java.util.function.Consumer;

/// Administration of this node. Secrets were masked when the settings were read.
final class AdminEndpoint extends AdminServiceGrpc.AdminServiceImplBase {
  private final List<EffectiveSetting> settings;
  private final Consumer<String> stop;

  /// @param stop begins an orderly stop and returns at once; given the cause
  AdminEndpoint(List<EffectiveSetting> settings, Consumer<String> stop) {
    this.settings = settings;
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
    Replies.unary(observer, () -> GetConfigResponse.newBuilder().addAllSettings(settings).build());
  }

  @Override
  public void shutdown(ShutdownRequest request, StreamObserver<ShutdownResponse> observer) {
    Replies.unary(observer, ShutdownResponse::getDefaultInstance);
    stop.accept(request.getCause().isBlank() ? "asked by RPC" : request.getCause());
  }
}
