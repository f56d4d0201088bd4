package io.ringrift.chaos.sim;

/// One timed fault, as data: printed, replayed and shrunk. Times are virtual nanoseconds from the
/// start of the run; sets of nodes are bit masks; a node may be `LEADER`, found out when the fault
/// strikes.
public sealed interface Fault {
  /// Stands for whichever node leads when the fault strikes.
  int LEADER = -1;

  /// When it strikes.
  long from();

  /// The process dies after this many further effects, losing what is not durable, and starts again
  /// later.
  record Crash(long from, int node, int afterEffects, long downFor) implements Fault {}

  /// A node beside the voters says goodbye and stops, and starts again later.
  record Leave(long from, int node, long downFor) implements Fault {}

  /// The process stands still (a collection, SIGSTOP) after this many further effects; what arrives
  /// waits for it, and its clock goes on.
  record Pause(long from, long until, int node, int afterEffects) implements Fault {}

  /// What the senders send to the receivers is lost.
  record Cut(long from, long until, int senders, int receivers) implements Fault {}

  /// One node hears nothing, or is not heard, or both.
  record Isolate(long from, long until, int node, boolean deaf, boolean mute) implements Fault {}

  /// Messages from or to these nodes fare worse, in thousandths.
  record Weather(long from, long until, int nodes, int loss, int duplicate, int late)
      implements Fault {}

  /// What the senders send to the receivers is lost or doubled so often, in thousandths, and takes
  /// longer by the delay and by up to the jitter, in nanoseconds; three leases at most in all. So
  /// many thousandths are spared the delay and the jitter, and overtake the others.
  record Link(
      long from,
      long until,
      int senders,
      int receivers,
      int loss,
      int duplicate,
      long delay,
      long jitter,
      int spared)
      implements Fault {}

  /// The node's clock goes at another rate, in millionths more than true time.
  record ClockRate(long from, int node, int partsPerMillion) implements Fault {}

  /// The operator asks the node to step down.
  record StepDown(long from, int node) implements Fault {}

  /// The operator asks the node to hand over to another.
  record Transfer(long from, int node, int target) implements Fault {}

  /// The node finds itself unfit to lead.
  record Unfit(long from, long until, int node) implements Fault {}
}
