/// Tests of the replicated state and of the node's database, with hand-written fakes of the ledger
/// and the store.
@NullMarked
package io.ringrift.managers.state;

import org.jspecify.annotations.NullMarked;
