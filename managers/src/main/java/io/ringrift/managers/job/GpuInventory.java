package io.ringrift.managers.job;

import java.util.List;

/// GPUs of this machine. Answers from memory; safe for any thread.
public interface GpuInventory {
  /// One GPU, vendor-neutral.
  ///
  /// @param utilizationPercent busy share, 0..100
  /// @param memoryPercent used memory share, 0..100
  record Device(
      String uuid,
      String name,
      long memoryBytes,
      double utilizationPercent,
      double memoryPercent) {}

  /// As last seen.
  List<Device> devices();

  /// Looks again; blocks at most a few seconds.
  void refresh() throws InterruptedException;

  /// A machine without GPUs.
  static GpuInventory none() {
    return new GpuInventory() {
      @Override
      public List<Device> devices() {
        return List.of();
      }

      @Override
      public void refresh() {}
    };
  }
}
