package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What this node passes on: at most one word about each member, the newest, so and so many times
/// in all (SWIM, section 4.1). Who starts with many others hears each of them from several sides;
/// that costs one word here and not one for each side. One thread.
///
/// @param <W> a word as it travels
@Pure
final class Words<W> {
  /// How new a word is: of two about one member, the greater incarnation holds, then the greater
  /// rank.
  record Rank(int incarnation, int rank) implements Comparable<Rank> {
    @Override
    public int compareTo(Rank other) {
      int byIncarnation = Integer.compare(incarnation, other.incarnation);
      return byIncarnation != 0 ? byIncarnation : Integer.compare(rank, other.rank);
    }
  }

  private static final class Word<W> {
    final Rank rank;
    final W text;
    Moment heard;
    int sent;

    Word(Rank rank, W text, Moment heard) {
      this.rank = rank;
      this.text = text;
      this.heard = heard;
    }
  }

  private final int maxWords;
  private final Duration memory;

  /// In the order in which they were heard last.
  private final Map<String, Word<W>> words = new LinkedHashMap<>();

  /// @param maxWords at the bound, the word not heard for the longest time gives way
  /// @param memory a word is remembered until nobody said it for as long. Were it forgotten sooner,
  ///   the slowest teller would make it new to the fastest, and it would go round for ever
  Words(int maxWords, Duration memory) {
    this.maxWords = maxWords;
    this.memory = memory;
  }

  /// Takes a word about a member.
  ///
  /// @return whether it says more than the one remembered
  boolean hear(Moment now, String member, Rank rank, W text) {
    forget(now);
    Word<W> before = words.remove(member);
    if (before != null && rank.compareTo(before.rank) <= 0) {
      before.heard = now;
      words.put(member, before);
      return false;
    }
    if (words.size() >= maxWords) {
      Iterator<Word<W>> oldest = words.values().iterator();
      oldest.next();
      oldest.remove();
    }
    words.put(member, new Word<>(rank, text, now));
    return true;
  }

  /// The words for some members of one round, those said least first, counted as said to each.
  ///
  /// @param times how often a word is said in all
  /// @param listeners members that hear this round
  /// @param atMost words in one message
  List<W> next(Moment now, int times, int listeners, int atMost) {
    forget(now);
    var chosen =
        words.values().stream()
            .filter(word -> word.sent < times)
            .sorted(Comparator.comparingInt(word -> word.sent))
            .limit(atMost)
            .toList();
    var texts = new ArrayList<W>();
    for (Word<W> word : chosen) {
      word.sent += listeners;
      texts.add(word.text);
    }
    return texts;
  }

  /// Whether a word is left that was not said so often.
  boolean unsaid(Moment now, int times) {
    forget(now);
    return words.values().stream().anyMatch(word -> word.sent < times);
  }

  /// Words remembered, for tests.
  int size() {
    return words.size();
  }

  private void forget(Moment now) {
    Iterator<Word<W>> oldest = words.values().iterator();
    while (oldest.hasNext() && now.since(oldest.next().heard).compareTo(memory) > 0) {
      oldest.remove();
    }
  }
}
