package io.ringrift.managers.watch;

/// Adds and removes machines. Calls block, within bounds of the scaler's own; a repeated call for
/// the same key does no harm. Failures are `Refusal`s, told to the operator and tried again later.
public interface Scaler {
  /// Scaling is off.
  Scaler NONE =
      new Scaler() {
        @Override
        public boolean active() {
          return false;
        }

        @Override
        public boolean mayRemove(String nodeId) {
          return false;
        }

        @Override
        public void add(int nodes, String key) {}

        @Override
        public void remove(String nodeId, String key) {}
      };

  /// Whether there is anybody to ask.
  default boolean active() {
    return true;
  }

  /// Whether this scaler could take that node away. Never blocks.
  boolean mayRemove(String nodeId);

  /// @param key names this decision
  void add(int nodes, String key);

  /// Ends a node that has been drained and runs nothing.
  void remove(String nodeId, String key);
}
