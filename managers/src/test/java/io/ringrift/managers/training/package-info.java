@NullMarked
package io.ringrift.managers.training;

import org.jspecify.annotations.NullMarked;
