package io.ringrift.kernel.membership.swim;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The one thread that owns ScaleCube and the view. Periodic work pauses after each round: at a
/// fixed rate, a process that stood still would do all missed rounds at once when it goes on.
final class SwimThread extends ScheduledThreadPoolExecutor {
  SwimThread(String name) {
    super(1, Thread.ofPlatform().daemon().name(name).factory(), new DiscardPolicy());
    setRemoveOnCancelPolicy(true);
    setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long delay, long period, TimeUnit unit) {
    return scheduleWithFixedDelay(task, delay, period, unit);
  }
}
