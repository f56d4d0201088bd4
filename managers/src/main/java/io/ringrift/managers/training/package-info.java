/// What is learned from which games, and who takes office: the leader's loops that begin training
/// runs, hand out the games of gates and of ratings, and bring the results into the ledger, which
/// decides. Callers: node (construction), everybody else by RPC.
@NullMarked
package io.ringrift.managers.training;

import org.jspecify.annotations.NullMarked;
