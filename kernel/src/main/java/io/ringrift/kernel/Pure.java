package io.ringrift.kernel;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a class that is a function of (state, now, input): no clock, chance, I/O, thread or
/// logging inside. A dependency test refuses them, so that the simulator can drive the very class
/// that production does.
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Pure {}
