package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;

import io.scalecube.cluster.Member;
import io.scalecube.cluster.membership.MemberStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TableDigestsTest {
  private static final String STRANGER = "127.0.0.1:9";

  private final List<WireTypes.Row> table =
      new ArrayList<>(List.of(row(1, MemberStatus.ALIVE, 0), row(2, MemberStatus.ALIVE, 3)));
  private final TableDigests digests = new TableDigests(() -> table);

  @Test
  void equalTablesHaveOneDigestInAnyOrder() {
    assertThat(TableDigests.of(table.reversed())).isEqualTo(TableDigests.of(table));
    assertThat(digests.differs(address(2), TableDigests.of(table.reversed()))).isFalse();
  }

  @Test
  void everyDifferenceChangesTheDigest() {
    var seen = new HashSet<String>();
    for (int member = 1; member <= 50; member++) {
      for (MemberStatus status : MemberStatus.values()) {
        for (int incarnation = 0; incarnation < 20; incarnation++) {
          seen.add(TableDigests.of(List.of(row(member, status, incarnation))));
        }
      }
    }

    assertThat(seen).hasSize(50 * MemberStatus.values().length * 20);
    assertThat(seen).allMatch(digest -> digest.length() == TableDigests.LENGTH);
  }

  @Test
  void theTableItselfGoesEachEighthTime() {
    var spared =
        IntStream.range(0, 16)
            .mapToObj(_ -> digests.inPlaceOfTable(address(2)).isPresent())
            .toList();

    assertThat(spared.subList(0, 7)).containsOnly(true);
    assertThat(spared.get(7)).isFalse();
    assertThat(spared.subList(8, 15)).containsOnly(true);
    assertThat(spared.get(15)).isFalse();
  }

  @Test
  void whoIsSuspectLearnsOfItByTheTable() {
    table.add(row(3, MemberStatus.SUSPECT, 0));

    assertThat(digests.inPlaceOfTable(address(3))).isEmpty();
    assertThat(digests.inPlaceOfTable(address(2))).isEmpty();
  }

  @Test
  void strangersGetTheTableFromWhoAsksAndNoAnswerToADigest() {
    assertThat(digests.inPlaceOfTable(STRANGER)).isEmpty();
    assertThat(digests.differs(STRANGER, "0".repeat(TableDigests.LENGTH))).isFalse();
    assertThat(digests.differs(address(2), "0".repeat(TableDigests.LENGTH))).isTrue();
  }

  private static WireTypes.Row row(int member, MemberStatus status, int incarnation) {
    return new WireTypes.Row(
        new Member("n" + member + "/7", "test", address(member), "c"), status, incarnation);
  }

  private static String address(int member) {
    return "127.0.1." + member + ":7946";
  }
}
