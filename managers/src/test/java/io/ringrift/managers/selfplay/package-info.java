@NullMarked
package io.ringrift.managers.selfplay;

import org.jspecify.annotations.NullMarked;
