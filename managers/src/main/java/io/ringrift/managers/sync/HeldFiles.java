package io.ringrift.managers.sync;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.DigestCache;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.HaveFilesResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whether this node holds a file, by path and hash. Hashes are remembered; only a file that is new
/// or changed is read, once. Blocks on the disk; safe for any thread.
final class HeldFiles {
  /// Stands for the hash of a file that keeps changing.
  static final String CHANGING = "changing";

  private static final int MOST_FILES = 1000;

  private final SafePath paths;
  private final DigestCache cache;

  private final Underway underway;
  private final Pins pins;

  HeldFiles(SafePath paths, DigestCache cache, Underway underway, Pins pins) {
    this.paths = paths;
    this.cache = cache;
    this.underway = underway;
    this.pins = pins;
  }

  /// What stands under a path.
  sealed interface Standing {
    /// The wanted content.
    record Held(long size) implements Standing {}

    /// Another one, or one that keeps changing.
    record Other(String sha256) implements Standing {}

    /// Nothing.
    record Nothing() implements Standing {}
  }

  HaveFilesResponse have(HaveFilesRequest request) {
    checked(request.getFilesList());
    var response = HaveFilesResponse.newBuilder();
    for (int i = 0; i < request.getFilesCount(); i++) {
      var entry = request.getFiles(i);
      if (standing(entry.getPath(), entry.getSha256()) instanceof Standing.Held(long size)
          && (!request.getKeep() || keep(entry.getPath(), entry.getSha256()))) {
        response.addHeld(i).addSizes(size);
      }
    }
    return response.build();
  }

  /// Reads the file again, past all that is remembered, and promises to keep it; not while it is
  /// being received or removed here.
  private boolean keep(String path, String sha256) {
    if (!underway.begin(path)) {
      return false;
    }
    try {
      return FileDigest.of(paths.resolve(path)).equals(sha256) && pins.keep(path);
    } catch (IOException e) {
      return false;
    } finally {
      underway.end(path);
    }
  }

  Standing standing(String path, String sha256) {
    Path file = paths.resolve(path);
    try {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return new Standing.Nothing();
      }
      var known = FileDigest.known(cache, path, file);
      if (known.isPresent() && known.get().sha256().equals(sha256)) {
        return new Standing.Held(known.get().identity().size());
      }
      return new Standing.Other(known.map(FileDigest.Known::sha256).orElse(CHANGING));
    } catch (IOException e) {
      // Vanished while it was looked at, or not ours to read.
      return new Standing.Nothing();
    }
  }

  /// The wanted hash by path, in the order of the request.
  ///
  /// @throws Refusal INVALID_ARGUMENT or PATH_OUTSIDE_ROOT
  static Map<String, String> checked(List<FileEntry> files) {
    if (files.isEmpty() || files.size() > MOST_FILES) {
      throw Refusal.invalid("files", files.size() + " files", "1 to " + MOST_FILES + " files");
    }
    var wanted = new LinkedHashMap<String, String>();
    for (FileEntry entry : files) {
      SafePath.check(entry.getPath());
      if (!FileDigest.isSha256(entry.getSha256())) {
        throw Refusal.invalid("files.sha256", entry.getSha256(), "64 lower-case hex digits");
      }
      String before = wanted.put(entry.getPath(), entry.getSha256());
      if (before != null && !before.equals(entry.getSha256())) {
        throw Refusal.invalid("files.path", entry.getPath(), "given with one sha256 only");
      }
    }
    return wanted;
  }
}
