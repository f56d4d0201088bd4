package io.ringrift.managers.state;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;
import io.ringrift.state.v1.FollowSwitchRequest;
import io.ringrift.state.v1.FollowSwitchResponse;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.PrepareSwitchRequest;
import io.ringrift.state.v1.PrepareSwitchResponse;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.state.v1.SwitchModeResponse;
import java.util.List;

/// The service of changes of the mode of consensus.
final class ModeRpc extends ModeServiceGrpc.ModeServiceImplBase {
  private final ModeSwitch modeSwitch;
  private final ModeHooks modes;

  ModeRpc(ModeSwitch modeSwitch, ModeHooks modes) {
    this.modeSwitch = modeSwitch;
    this.modes = modes;
  }

  @Override
  public void switchMode(SwitchModeRequest request, StreamObserver<SwitchModeResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          try {
            return modeSwitch.run(named(request.getTargetMode()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted", e);
          }
        });
  }

  @Override
  public void prepareSwitch(
      PrepareSwitchRequest request, StreamObserver<PrepareSwitchResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          List<String> obstacles = modes.obstacles().apply(named(request.getTargetMode()));
          return PrepareSwitchResponse.newBuilder().addAllObstacles(obstacles).build();
        });
  }

  @Override
  public void followSwitch(
      FollowSwitchRequest request, StreamObserver<FollowSwitchResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          modes.leave().accept(named(request.getTargetMode()), request.getEpoch());
          return FollowSwitchResponse.getDefaultInstance();
        });
  }

  private static String named(String mode) {
    if (!SwitchActions.MODES.contains(mode)) {
      throw Refusal.invalid("target_mode", mode, "bully, raft or hybrid");
    }
    return mode;
  }
}
