package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.LogStore;
import io.ringrift.kernel.store.StateFolder;
import java.util.Optional;

/// What a voter of bully mode leaves to another mode.
public final class BullyEstate {
  private BullyEstate() {}

  /// Brings the machine to the end of this voter's log, what was not committed included: the voters
  /// compare their ends afterwards. Blocks; nothing else may use the folder's log meanwhile.
  ///
  /// @return where the log ends; empty when parts of it were lost, so that this voter cannot speak
  ///   for it
  /// @throws io.ringrift.kernel.Refusal DISK_FULL or STORAGE_FAILED
  public static Optional<LogPosition> settle(
      StateFolder folder, Audit audit, StateMachine machine) {
    try (var epochs = EpochStore.open(folder.resolve("promise"))) {
      var disk = new StoreDisk(folder, epochs, LogStore::open, audit, false);
      try {
        var recovered = disk.recover(machine);
        long applied = machine.applied().index();
        var rest = recovered.entries().stream().filter(e -> e.index() > applied).toList();
        machine.apply(rest);
        return disk.rebuilding() ? Optional.empty() : Optional.of(machine.applied());
      } finally {
        disk.close();
      }
    }
  }
}
