package io.ringrift.managers.sync;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;

/// The one way from a path that somebody sent to a file: never outside the data root (RELIABILITY
/// S3). Safe for any thread; looks at the disk.
final class SafePath {
  private static final int LONGEST_PATH = 1024;
  private static final int LONGEST_NAME = 255;
  static final String PARTIAL = ".partial";
  static final String ASIDE = ".aside";
  private static final String QUARANTINE = ".quarantine";
  private static final Pattern ENCODED = Pattern.compile("%[0-9A-Fa-f]{2}");
  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:.*");

  private final Path root;

  private SafePath(Path root) {
    this.root = root;
  }

  /// The data root itself may be reached through links; it is made when missing.
  static SafePath under(Path root) {
    try {
      Files.createDirectories(root);
      return new SafePath(root.toRealPath());
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, "data root " + root + " cannot be opened: " + e, e);
    }
  }

  Path root() {
    return root;
  }

  /// The file of a data path. Every folder on the way that exists is a real folder.
  ///
  /// @throws Refusal PATH_OUTSIDE_ROOT, or INVALID_ARGUMENT for what is no data file
  Path resolve(String path) {
    check(path);
    Path at = root;
    String[] names = path.split("/", -1);
    for (int i = 0; i < names.length; i++) {
      at = at.resolve(names[i]);
      if (!real(path, at, i == names.length - 1)) {
        return root.resolve(path);
      }
    }
    return at;
  }

  /// Checks the text alone, as for a manifest of another node.
  static void check(String path) {
    if (path.isEmpty() || path.length() > LONGEST_PATH) {
      throw outside(path, "1 to " + LONGEST_PATH + " characters long");
    }
    if (path.startsWith("/") || DRIVE.matcher(path).matches()) {
      throw outside(path, "relative to the data root");
    }
    if (path.indexOf('\\') >= 0 || path.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw outside(path, "without backslashes and control characters");
    }
    if (ENCODED.matcher(path).find()) {
      throw outside(path, "without percent-encoding");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(path)) {
      throw outside(path, "valid Unicode");
    }
    for (String name : path.split("/", -1)) {
      checkName(path, name);
    }
    if (FileKinds.typeOf(path).isEmpty()) {
      throw Refusal.invalid(
          "path",
          path,
          "a data file: selfplay/**.jsonl|.db, models/**.pt|.pth|.onnx|.bin, "
              + " training/**.npz|.checkpoint or games/**.db");
    }
  }

  private static void checkName(String path, String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw outside(path, "without empty, \".\" and \"..\" components");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      throw outside(path, "of components of at most " + LONGEST_NAME + " bytes");
    }
    if (name.length() >= PARTIAL.length()
        && name.regionMatches(
            true, name.length() - PARTIAL.length(), PARTIAL, 0, PARTIAL.length())) {
      throw outside(path, "without names ending in .partial, which are reserved");
    }
  }

  private static boolean real(String path, Path at, boolean last) {
    try {
      var attributes =
          Files.readAttributes(at, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isSymbolicLink()) {
        throw outside(path, "free of symbolic links, and " + at.getFileName() + " is one");
      }
      if (last ? !attributes.isRegularFile() : !attributes.isDirectory()) {
        throw outside(path, "folders that end in a regular file");
      }
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, path + " cannot be looked at: " + e, e);
    }
  }

  /// Makes the folders above a resolved file, one by one, so that none is made beyond a link.
  void makeFolders(String path, Path file) throws IOException {
    Path folder = root;
    for (Path name : root.relativize(file.getParent() == null ? root : file.getParent())) {
      folder = folder.resolve(name.toString());
      try {
        Files.createDirectory(folder);
        DurableFiles.syncFolderOf(folder);
      } catch (FileAlreadyExistsException e) {
        real(path, folder, false);
      }
    }
  }

  /// Where a file grows before it gets its name: in a folder of the same file system that no scan
  /// reads. Named by content, so that another source can go on where one stopped; the hash of the
  /// path keeps apart two files of equal content.
  Path partial(String path, String sha256) throws IOException {
    return in(PARTIAL, path, sha256);
  }

  /// Where a file goes whose name is wanted for another content; no scan reads there either.
  Path aside(String path, String sha256) throws IOException {
    return in(ASIDE, path, sha256);
  }

  /// Where a damaged file goes; no scan reads there either.
  Path quarantine(String path, String sha256) throws IOException {
    return in(QUARANTINE, path, sha256);
  }

  /// Stands for a path in the names of such files.
  static String pathHash(String path) {
    return FileDigest.ofText(path).substring(0, 8);
  }

  private Path in(String own, String path, String sha256) throws IOException {
    Path folder = root.resolve(own);
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(folder + " is no folder; move it away", e);
      }
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    String end = name.length() > 40 ? name.substring(name.length() - 40) : name;
    return folder.resolve(sha256 + "-" + pathHash(path) + "-" + end);
  }

  private static Refusal outside(String path, String rule) {
    String shown = path.length() > 100 ? path.substring(0, 100) + "…" : path;
    return new Refusal(
            Reason.PATH_OUTSIDE_ROOT, "path \"" + shown + "\" is refused: it must be " + rule)
        .with("field", "path")
        .with("value", shown)
        .with("rule", rule);
  }
}
