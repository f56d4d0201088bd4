package io.ringrift.kernel.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.SwimMetadata;

/// What a member that is known by SWIM tells of itself: the hello of mode `http`, as bytes.
///
/// @param swimPort where others dial its SWIM
/// @param voter whether its own configuration counts it in quorum
public record SwimCard(Intro intro, ClusterSettings settings, int swimPort, boolean voter) {
  /// Larger ones are refused: each member fetches the card of every other.
  public static final int MAX_BYTES = 4096;

  /// The form that travels.
  public byte[] bytes() {
    return SwimMetadata.newBuilder()
        .setIntro(MembershipProtos.proto(intro))
        .setSettings(MembershipProtos.proto(settings))
        .setSwimPort(swimPort)
        .setVoter(voter)
        .build()
        .toByteArray();
  }

  /// Reads what another node sent.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field that breaks its rule
  public static SwimCard read(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw Refusal.invalid("metadata", bytes.length + " bytes", "at most " + MAX_BYTES);
    }
    try {
      var proto = SwimMetadata.parseFrom(bytes);
      return new SwimCard(
          MembershipProtos.intro(proto.getIntro()),
          MembershipProtos.settings(proto.getSettings()),
          proto.getSwimPort(),
          proto.getVoter());
    } catch (InvalidProtocolBufferException e) {
      throw Refusal.invalid("metadata", bytes.length + " bytes", "a SwimMetadata message");
    }
  }
}
