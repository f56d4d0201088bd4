package io.ringrift.kernel.wire;

import java.util.List;

/// Answer to a hello.
///
/// @param members members that the answering node knows
public record Welcome(Intro intro, ClusterSettings settings, List<MemberReport> members) {}
