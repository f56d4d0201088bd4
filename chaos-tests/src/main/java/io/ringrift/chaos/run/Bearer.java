package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The bearer token of a deployment. It is in no report and in no command that is told.
final class Bearer {
  private static final int LONGEST = 4096;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private Bearer() {}

  /// A channel whose calls carry the token, if there is one.
  static Channel on(Channel channel, Optional<String> token) {
    if (token.isEmpty()) {
      return channel;
    }
    var headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token.get());
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /// @throws Refusal INVALID_ARGUMENT naming the file and the rule
  static String read(Path file) {
    try {
      String token = Files.size(file) > LONGEST ? "" : Files.readString(file).strip();
      if (!token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 127)) {
        return token;
      }
    } catch (IOException e) {
      throw new Refusal(
          Reason.INVALID_ARGUMENT, "--token-file " + file + " cannot be read: " + e, e);
    }
    throw Refusal.invalid(
        "--token-file",
        file.toString(),
        "a file with one bearer token of at most 4096 printable characters without spaces");
  }
}
