package io.ringrift.managers.state;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.NodeId;
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
  private final FenceGate gate;
  private final boolean voter;

  /// @param voter whether this node reads in the log that the mode has changed
  ModeRpc(ModeSwitch modeSwitch, ModeHooks modes, FenceGate gate, boolean voter) {
    this.modeSwitch = modeSwitch;
    this.modes = modes;
    this.gate = gate;
    this.voter = voter;
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
          String mode = named(request.getTargetMode());
          if (voter) {
            throw new Refusal(
                Reason.SWITCH_REFUSED,
                "a voter follows the log only; ask SwitchMode of the leader");
          }
          var fence = request.getFence();
          gate.admit(new Fence(new Epoch(fence.getEpoch()), new NodeId(fence.getLeaderId())));
          modes.leave().accept(mode, fence.getEpoch());
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
