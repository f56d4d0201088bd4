/// The node's one port: gRPC, HTTP/JSON made of the protos' annotations, probes, metrics and
/// server-sent events, with limits that cut silent and slow clients. The only importer of Armeria.
/// Callers: node. Handlers run on virtual threads; nothing here blocks an event loop.
@NullMarked
package io.ringrift.node.web;

import org.jspecify.annotations.NullMarked;
