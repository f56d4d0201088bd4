package io.ringrift.managers.sync;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.HeldFiles.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
  void clear(String path, String sha256) {
    if (!(held.standing(path, sha256) instanceof Standing.Other(String other))) {
      return;
    }
    try {
      Path file = paths.resolve(path);
      Path place = paths.aside(path, other);
      Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
      FileDigest.forceFolder(place.getParent());
      FileDigest.forceFolder(file.getParent());
      scanner.forget(path);
      LOG.warn("{} had the hash {} instead of {}; it is now {}", path, other, sha256, place);
    } catch (NoSuchFileException e) {
      LOG.debug("{} vanished before it could be put aside", path, e);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  private static Refusal failed(String path, IOException cause) {
    return new Refusal(
        Reason.STORAGE_FAILED,
        path + " has another content here and cannot be put aside: " + cause + "; move it away",
        cause);
  }
}
