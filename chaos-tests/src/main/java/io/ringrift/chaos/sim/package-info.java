/// The deterministic simulator: event queue, virtual time, faulty network, forgetful disks and a
/// fault schedule that is data. Drives the very cores that production runs, through cells. Callers:
/// `SimMain` and tests. One thread per simulation; nothing here knows real time or shared state.
@NullMarked
package io.ringrift.chaos.sim;

import org.jspecify.annotations.NullMarked;
