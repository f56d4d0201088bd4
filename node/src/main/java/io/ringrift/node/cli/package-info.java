/// The command line: `ringrift <noun> <verb>`. Each command is a small class that makes one or two
/// calls and prints a table or JSON. Callers: `Main`; nothing here is used by a running node.
@NullMarked
package io.ringrift.node.cli;

import org.jspecify.annotations.NullMarked;
