@NullMarked
package io.ringrift.managers.rating;

import org.jspecify.annotations.NullMarked;
