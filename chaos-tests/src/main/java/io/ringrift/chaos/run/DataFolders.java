package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The files of nodes as they lie on their disks, read and written past the nodes. Any thread.
final class DataFolders {
  /// Where files of the run lie, below a data root.
  private static final String FOLDER = "models/chaos";

  /// Where they are written before they get their names; no node looks there.
  private static final String DESK = ".offered";

  private static final int MOST_TOLD = 1000;

  private final Ground ground;

  DataFolders(Ground ground) {
    this.ground = ground;
  }

  /// Puts a whole file under its name at once.
  OfferedFile offer(String node, String name, byte[] content) throws IOException {
    Path root = ground.dataFolder(node);
    Path desk = made(root, DESK).resolve(name);
    Path target = made(root, FOLDER).resolve(name);
    Files.write(desk, content);
    Files.move(desk, target, StandardCopyOption.ATOMIC_MOVE);
    return new OfferedFile(
        FOLDER + "/" + name,
        content.length,
        HexFormat.of().formatHex(digest().digest(content)),
        node);
  }

  /// Never the root: a run that is torn down from another thread must not come back in part.
  private static Path made(Path root, String below) throws IOException {
    Path folder = root;
    for (Path each : Path.of(below)) {
      folder = folder.resolve(each);
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder);
      }
    }
    return folder;
  }

  /// What a node has under a name now; empty when there is nothing.
  Optional<String> sha256(String node, String path) throws IOException {
    Path file = ground.dataFolder(node).resolve(path);
    var digest = digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return Optional.of(HexFormat.of().formatHex(digest.digest()));
  }

  /// Where a node keeps the files of the run.
  Path folder(String node) {
    return ground.dataFolder(node).resolve(FOLDER);
  }

  boolean has(String node, String path) {
    return Files.exists(ground.dataFolder(node).resolve(path));
  }

  /// Everything under its final name in the folder of the run, by path; at most 1000.
  Map<String, String> held(String node) throws IOException {
    Path root = ground.dataFolder(node);
    Path folder = root.resolve(FOLDER);
    if (Files.notExists(folder)) {
      return Map.of();
    }
    List<String> paths;
    try (Stream<Path> files = Files.list(folder)) {
      paths =
          files
              .filter(Files::isRegularFile)
              .map(file -> root.relativize(file).toString())
              .sorted()
              .limit(MOST_TOLD)
              .toList();
    }
    var held = new LinkedHashMap<String, String>();
    for (String path : paths) {
      sha256(node, path).ifPresent(hash -> held.put(path, hash));
    }
    return held;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException("this Java has no SHA-256", e));
    }
  }
}
