package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.fdetector.FailureDetectorImpl;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.metadata.MetadataStoreImpl;
import io.scalecube.cluster.transport.api.Message;
import org.jspecify.annotations.Nullable;

/// Which messages are whole. ScaleCube ends a whole part of itself at the first message that it
/// cannot handle, so none may reach it. Any thread.
final class MessageRules {
  /// Told to the sender of a message from another cluster; the text is for people.
  static final String REFUSED = "ringrift/refused";

  private static final int MAX_TEXT = 2000;

  private final WireTypes types;

  MessageRules(WireTypes types) {
    this.types = types;
  }

  boolean isWhole(Message message) {
    String qualifier = message.qualifier();
    Object data = message.data();
    if (qualifier == null || !isAddress(message.sender())) {
      return false;
    }
    return switch (qualifier) {
      case FailureDetectorImpl.PING, FailureDetectorImpl.PING_REQ -> isPing(message, data, false);
      case FailureDetectorImpl.PING_ACK -> isPing(message, data, true);
      case MembershipProtocolImpl.SYNC, MembershipProtocolImpl.SYNC_ACK, WordGossip.WORDS -> {
        var rows = types.sync(data);
        yield rows != null && rows.stream().allMatch(row -> isMember(row.member()));
      }
      case MetadataStoreImpl.GET_METADATA_REQ ->
          message.correlationId() != null && types.isMetadataRequest(data);
      case MetadataStoreImpl.GET_METADATA_RESP ->
          message.correlationId() != null && types.isMetadataResponse(data);
      case TableDigests.DIGEST ->
          data instanceof String text && text.length() == TableDigests.LENGTH;
      case REFUSED -> data instanceof String text && text.length() <= MAX_TEXT;
      default -> false;
    };
  }

  private boolean isPing(Message message, @Nullable Object data, boolean answered) {
    return message.correlationId() != null
        && data != null
        && types.isWholePing(data, answered)
        && types.pingMembers(data).stream().allMatch(MessageRules::isMember);
  }

  private static boolean isMember(Member member) {
    return isAddress(member.address());
  }

  private static boolean isAddress(@Nullable String text) {
    if (text == null) {
      return false;
    }
    try {
      var _ = Endpoint.parse(text);
      return true;
    } catch (Refusal e) {
      return false;
    }
  }
}
