package io.ringrift.chaos.history;

/// What a successful operation was told.
///
/// @param key id of the item; empty when there was none
/// @param state name of the item's state without prefix, as PENDING; empty when not told
/// @param token of the claim; 0 when there is none
/// @param worker who holds the item; empty when nobody
/// @param text anything else, for people and for results
public record Answer(String key, String state, long token, String worker, String text) {
  /// An answer without content.
  public static Answer done(String key) {
    return new Answer(key, "", 0, "", "");
  }
}
