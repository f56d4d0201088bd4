/// Real node processes under real faults, talked to as a user would: HTTP, gRPC, signals and files.
/// One cluster serves all classes; it is whole again before each test. Callers: nobody.
@NullMarked
package io.ringrift.chaos.real;

import org.jspecify.annotations.NullMarked;
