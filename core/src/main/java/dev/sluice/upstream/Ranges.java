// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.time.Duration;

/** Checks of what users configure. The message names the field, the value and the range. */
final class Ranges {
    private Ranges() {}

    static int check(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " is not within " + min + " to " + max);
        }
        return value;
    }

    static Duration check(String field, Duration value, Duration min, Duration max) {
        present(field, value);
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(field + ": " + value + " is not within " + min + " to " + max);
        }
        return value;
    }

    static <T> T present(String field, T value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": missing");
        }
        return value;
    }

    /** A name as it may stand in logs and on pages: 1 to 255 characters, none of them a control character. */
    static String name(String field, String name) {
        present(field, name);
        if (name.isEmpty() || name.length() > 255 || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    field + ": is not 1 to 255 characters long, or has control characters in it");
        }
        return name;
    }
}
