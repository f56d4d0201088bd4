package io.ringrift.kernel.membership.swim;

import io.scalecube.cluster.membership.MemberStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Spares the exchange of tables that are equal: a digest goes in place of the table, and only who
/// holds another one answers with its own. Owner thread.
final class TableDigests {
  /// Says that the message holds the digest of a table.
  static final String DIGEST = "ringrift/digest";

  /// In 16 hexadecimal digits.
  static final int LENGTH = 16;

  /// Each so-many-th exchange is one of whole tables, for networks that carry no datagrams and for
  /// members that do not know the teller.
  private static final int WHOLE_EVERY = 8;

  private final Supplier<List<WireTypes.Row>> rows;
  private int spared;

  TableDigests(Supplier<List<WireTypes.Row>> rows) {
    this.rows = rows;
  }

  /// What to send in place of the table; empty when the table itself is due: each eighth time, to
  /// who is no member, and while somebody is not ALIVE, who has to learn of it.
  Optional<String> inPlaceOfTable(String to) {
    var table = rows.get();
    boolean calm =
        table.stream().allMatch(row -> row.status() == MemberStatus.ALIVE) && isMember(table, to);
    if (!calm || spared == WHOLE_EVERY - 1) {
      spared = 0;
      return Optional.empty();
    }
    spared++;
    return Optional.of(of(table));
  }

  /// Whether a member's table is another than ours. False for strangers, so that nobody can be made
  /// to send tables to them.
  boolean differs(String from, String digest) {
    var table = rows.get();
    return isMember(table, from) && !of(table).equals(digest);
  }

  static String of(List<WireTypes.Row> table) {
    long sum = 0;
    for (WireTypes.Row row : table) {
      long hash = row.incarnation() * 31L + WireTypes.rank(row).rank();
      String id = row.member().id();
      for (int i = 0; i < id.length(); i++) {
        hash = mixed(hash + id.charAt(i));
      }
      sum += hash;
    }
    return String.format("%016x", sum);
  }

  /// Rows come in any order, so their hashes are added; that needs all bits of each to be good.
  private static long mixed(long value) {
    long half = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
    return half ^ (half >>> 29);
  }

  private static boolean isMember(List<WireTypes.Row> table, String address) {
    return table.stream().anyMatch(row -> row.member().address().equals(address));
  }
}
