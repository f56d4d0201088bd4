/// Pages and files that tell a verdict: one self-contained HTML page a run, JUnit XML and JSON for
/// CI. Writes files under the folder that it is given. One thread.
@NullMarked
package io.ringrift.chaos.report;

import org.jspecify.annotations.NullMarked;
