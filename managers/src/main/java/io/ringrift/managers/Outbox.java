package io.ringrift.managers;

import java.util.List;

/// What this node still owes the leader: reports and results that have to survive a crash of the
/// node until they are acknowledged. Durable before `put` and `remove` return; both block on the
/// disk; safe for any thread; repeating a call changes nothing.
public interface Outbox {
  /// Most letters kept.
  int MOST_LETTERS = 10_000;

  /// Largest letter in bytes.
  int LARGEST_LETTER = 256 * 1024;

  /// Keeps a letter. A letter under a known key takes the old one's place in the order with new
  /// content.
  ///
  /// @throws io.ringrift.kernel.Refusal OVERLOADED when full, INVALID_ARGUMENT when too large,
  ///   STORAGE_FAILED or DISK_FULL when it could not be made durable; nothing changed then
  void put(String key, byte[] letter);

  /// Forgets a letter; an unknown key is fine.
  void remove(String key);

  /// Every letter, oldest first.
  List<Letter> all();

  /// One letter. The bytes are not copied: nobody may change them.
  record Letter(String key, byte[] bytes) {}
}
