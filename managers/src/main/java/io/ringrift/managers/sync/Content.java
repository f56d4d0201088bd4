package io.ringrift.managers.sync;

import io.ringrift.sync.v1.FileEntry;

/// What a file under a path shall be: the unit that sync compares and moves.
record Content(String path, long size, String sha256) {
  static Content of(FileEntry entry) {
    return new Content(entry.getPath(), entry.getSizeBytes(), entry.getSha256());
  }
}
