// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.time.Duration;

/** Checks of what users configure. The message names the field, the value and the range. */
final class Check {
    private Check() {}

    static void range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " is not within " + min + " to " + max);
        }
    }

    static void range(String field, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(field + ": " + value + " is not within " + min + " to " + max);
        }
    }

    static <T> T present(String field, T value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": missing");
        }
        return value;
    }
}
