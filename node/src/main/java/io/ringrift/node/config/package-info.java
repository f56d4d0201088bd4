/// One record tree of everything a node needs to know, and the loader that makes it of flags,
/// environment, file, preset and defaults. Lives here: `Env`, the only reader of the environment.
/// Callers: node, node.cli. Everything runs on the starting thread, before anything is opened.
@NullMarked
package io.ringrift.node.config;

import org.jspecify.annotations.NullMarked;
