package io.ringrift.chaos.evidence;

/// A work item as a node holds it at the end.
///
/// @param payload as submitted: finds the item of a submit without an answer
/// @param state name without prefix, as COMPLETED
public record ItemFinal(
    String id, String payload, String state, long token, String worker, String result) {}
