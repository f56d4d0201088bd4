/// Tests of jobs and processes, with real processes of the shell. Callers: nobody.
@NullMarked
package io.ringrift.managers.job;

import org.jspecify.annotations.NullMarked;
