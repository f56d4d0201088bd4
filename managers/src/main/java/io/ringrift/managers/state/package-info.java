/// The replicated state of the cluster (jobs, work, drains, request ids, events) and this node's
/// own SQLite database. Lives here: the pure state and its transition tables, the state machine of
/// the ledger, the pipeline that batches commands, StateService and EventService. Callers:
/// `node.boot` builds `StateManager`; everybody else comes by RPC. The pure state is changed on the
/// ledger's thread only and read under the store's lock. The only user of `java.sql`.
@NullMarked
package io.ringrift.managers.state;

import org.jspecify.annotations.NullMarked;
