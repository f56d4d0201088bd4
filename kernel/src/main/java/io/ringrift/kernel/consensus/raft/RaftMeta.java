package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.SpaceReserve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file in which Ratis keeps term and vote. Ratis puts a new one in its place even when the
/// disk took nothing of it, so a full disk may leave it empty. What it said is then known to a
/// bound: the greatest term is noted beside it, in a file that needs no more room than it has. For
/// one thread.
final class RaftMeta implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RaftMeta.class);
  private static final String TERM = "term";
  private static final String VOTED_FOR = "votedFor";

  private final Path current;
  private final NodeId self;
  private final Path folder;

  /// Opened with the division, not by a voter that is refused before.
  private @Nullable EpochStore terms;

  /// @param folder of Raft
  /// @param group folder of the group in it
  RaftMeta(Path folder, Path group, NodeId self) {
    this.current = group.resolve("current");
    this.self = self;
    this.folder = folder;
  }

  private EpochStore terms() {
    if (terms == null) {
      terms = EpochStore.open(folder.resolve("terms"));
    }
    return terms;
  }

  private Path file() {
    return current.resolve("raft-meta");
  }

  /// There, but without a term.
  boolean damaged() {
    if (!Files.exists(file())) {
      return false;
    }
    var read = new Properties();
    try (var in = Files.newInputStream(file())) {
      read.load(in);
    } catch (IOException | IllegalArgumentException unreadable) {
      return true;
    }
    return !read.getProperty(TERM, "").strip().matches("[0-9]{1,18}");
  }

  /// Remembers a term that Ratis may have promised something in; durable when this returns, unless
  /// the disk takes nothing at all: then the term stays as it is, here and with Ratis.
  void note(long term) {
    if (term <= terms().pledge().promised().value()) {
      return;
    }
    try {
      terms().promise(new Epoch(term), Optional.empty());
    } catch (Refusal refusal) {
      LOG.warn("term {} is not noted: {}", term, refusal.text());
    }
  }

  /// Gives a damaged file the greatest term that was noted, and a vote for this voter itself: it
  /// votes for nobody in that term or an earlier one, whatever it may have done there.
  ///
  /// @return whether it was damaged
  /// @throws Refusal DISK_FULL, STORAGE_FAILED, or STORAGE_CORRUPT when the note cannot be read
  boolean mend() {
    EpochStore noted = terms();
    if (!damaged()) {
      return false;
    }
    SpaceReserve.of(current).requireToGoOn();
    long term = noted.pledge().promised().value();
    String meta = TERM + "=" + term + "\n" + VOTED_FOR + "=" + self.value() + "\n";
    try {
      DurableFiles.write(file(), meta);
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, "writing " + file() + " failed: " + e, e);
    }
    LOG.error(
        "{} was damaged: this voter goes on in term {} and votes in later ones", file(), term);
    return true;
  }

  @Override
  public void close() {
    if (terms != null) {
      terms.close();
    }
  }
}
