package io.ringrift.managers.sync;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.managers.sync.HeldFiles.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Frees a name for the content that somebody asked for by its hash: what stands there, damaged or
/// another's, is renamed into a folder that no scan reads, and never deleted. Blocks on the disk.
final class Aside {
  private static final Logger LOG = LoggerFactory.getLogger(Aside.class);

  private final SafePath paths;
  private final HeldFiles held;
  private final ManifestScanner scanner;

  Aside(SafePath paths, HeldFiles held, ManifestScanner scanner) {
    this.paths = paths;
    this.held = held;
    this.scanner = scanner;
  }

  /// Does nothing when the wanted content, or none, is there.
  ///
  /// @return where the other content is now
  /// @throws Refusal SOURCE_CHANGED while somebody writes it, or STORAGE_FAILED
  Optional<Path> clear(String path, String sha256) {
    if (!(held.standing(path, sha256) instanceof Standing.Other(String other))) {
      return Optional.empty();
    }
    if (other.equals(HeldFiles.CHANGING)) {
      throw new Refusal(
          Reason.SOURCE_CHANGED, path + " is being written here; ask again when that is over");
    }
    try {
      Path file = paths.resolve(path);
      Path place = paths.aside(path, other);
      Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.syncFolderOf(place);
      DurableFiles.syncFolderOf(file);
      scanner.forget(path);
      LOG.warn("{} had the hash {} instead of {}; it is now {}", path, other, sha256, place);
      return Optional.of(place);
    } catch (NoSuchFileException e) {
      LOG.debug("{} vanished before it could be put aside", path, e);
      return Optional.empty();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /// Puts back what was put aside when the wanted content did not come after all.
  void restore(String path, Path place) {
    try {
      Path file = paths.resolve(path);
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(place, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncFolderOf(file);
        LOG.info("{} is back, because the wanted content did not come", path);
      }
    } catch (IOException e) {
      LOG.warn("{} stays at {}: {}", path, place, e.toString());
    }
  }

  private static Refusal failed(String path, IOException cause) {
    return new Refusal(
        Reason.STORAGE_FAILED,
        path + " has another content here and cannot be put aside: " + cause + "; move it away",
        cause);
  }
}
