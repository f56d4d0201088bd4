package io.ringrift.node.web;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Answers for /health/ready and /health/leader; never block.
///
/// @param unready why this node cannot serve its role now; empty when it can
public record Probes(Supplier<Optional<String>> unready, BooleanSupplier leads) {}
