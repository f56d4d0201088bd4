package io.ringrift.node.web;

import com.google.protobuf.util.JsonFormat;

/// How messages look as JSON on the port: the field names of the protos, every field shown. By
/// reflection over descriptors, so that nothing is generated at start.
final class WebJson {
  static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();

  /// Refuses fields that the message does not have: a misspelled one would be lost in silence.
  static final JsonFormat.Parser PARSER = JsonFormat.parser();

  private WebJson() {}
}
