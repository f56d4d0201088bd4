package io.ringrift.kernel;

/// Random name of one process start: distinguishes a restart from a refutation. Shown as 16
/// hexadecimal digits.
public record BootId(long value) {
  /// Reads the hexadecimal form.
  ///
  /// @throws Refusal INVALID_ARGUMENT when the text is not 1 to 16 hexadecimal digits
  public static BootId parse(String hex) {
    try {
      return new BootId(Long.parseUnsignedLong(hex, 16));
    } catch (NumberFormatException e) {
      throw Refusal.invalid("boot_id", hex, "1 to 16 hexadecimal digits");
    }
  }

  @Override
  public String toString() {
    return String.format("%016x", value);
  }
}
