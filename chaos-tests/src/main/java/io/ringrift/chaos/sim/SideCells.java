package io.ringrift.chaos.sim;

/// The cores that run beside consensus on each node.
public record SideCells(ViewCell.Factory views, FactsCell.Factory facts) {}
