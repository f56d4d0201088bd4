package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.rpc.BearerToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The bearer token of a deployment. It is in no report and in no command that is told.
final class Bearer {
  private static final int LONGEST = 4096;

  private Bearer() {}

  /// A channel whose calls carry the token, if there is one.
  static Channel on(Channel channel, Optional<String> token) {
    return ClientInterceptors.intercept(
        channel, token.<ClientInterceptor>map(BearerToken::new).stream().toList());
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
