package io.ringrift.chaos.history;

/// What a successful operation was told.
///
/// @param key id of the item or job; empty when there was none
/// @param state name of its state without prefix, as PENDING; empty when not told
/// @param token of the claim; 0 when there is none
/// @param worker who holds it; empty when nobody
/// @param text anything else, for people and for results
/// @param index of the ledger that the answer to a read is of; 0 when not told
public record Answer(String key, String state, long token, String worker, String text, long index) {
  /// An answer that tells no index.
  public Answer(String key, String state, long token, String worker, String text) {
    this(key, state, token, worker, text, 0);
  }

  /// An answer without content.
  public static Answer done(String key) {
    return new Answer(key, "", 0, "", "");
  }

  /// The same as of that index of the ledger.
  public Answer at(long ledgerIndex) {
    return new Answer(key, state, token, worker, text, ledgerIndex);
  }
}
