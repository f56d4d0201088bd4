-- Members as last known, by node id (SPEC 10; a hint for finding the others after a restart).
CREATE TABLE peers (
  node_id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  last_seen REAL NOT NULL,
  status TEXT NOT NULL,
  metadata TEXT NOT NULL
);

-- How well addresses answered (SPEC 2.6).
CREATE TABLE peer_cache (
  node_id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  last_seen REAL NOT NULL,
  success_count INTEGER NOT NULL DEFAULT 0,
  failure_count INTEGER NOT NULL DEFAULT 0,
  reputation_score REAL NOT NULL DEFAULT 0.5,
  is_bootstrap_seed INTEGER NOT NULL DEFAULT 0
);

-- Measurements over time (SPEC 10).
CREATE TABLE metrics_history (
  id INTEGER PRIMARY KEY,
  timestamp REAL NOT NULL,
  metric_type TEXT NOT NULL,
  board_type TEXT NOT NULL DEFAULT '',
  num_players INTEGER NOT NULL DEFAULT 0,
  value REAL NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX metrics_by_type ON metrics_history (metric_type, timestamp);
CREATE INDEX metrics_by_config ON metrics_history (board_type, num_players);

-- Small settings of this node, for example cluster_epoch.
CREATE TABLE config (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Reports and results that no leader has acknowledged yet, oldest first.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  letter_key TEXT NOT NULL UNIQUE,
  letter BLOB NOT NULL
);

-- SHA-256 of files by their identity.
CREATE TABLE digest_cache (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  modified_nanos INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  sha256 TEXT NOT NULL
);
