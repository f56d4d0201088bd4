package io.ringrift.kernel.wire;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;

/// What one node believes of the node it talks to, so that the other can refute a suspicion.
public record Belief(BootId boot, Incarnation incarnation, MemberState state) {}
