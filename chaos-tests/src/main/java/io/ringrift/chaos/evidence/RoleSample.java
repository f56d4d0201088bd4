package io.ringrift.chaos.evidence;

/// What one node said about leadership at one time.
///
/// @param atNanos since the run's start, when the answer came
/// @param role `LEADER`, `FOLLOWER`, `CANDIDATE`, `OBSERVER`, or `DOWN` when it did not answer
/// @param epoch that it believes in; 0 when none
/// @param leader whom it believes; empty when nobody
/// @param source `status` or `log`
public record RoleSample(
    long atNanos, String node, String role, long epoch, String leader, String source) {
  public static final String LEADER = "LEADER";
  public static final String DOWN = "DOWN";

  public boolean answered() {
    return !role.equals(DOWN);
  }

  public boolean leads() {
    return role.equals(LEADER);
  }
}
