// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many descriptors the process may have, where the system tells. */
public final class Descriptors {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String NAME = "Max open files";

    private Descriptors() {}

    /** The limit as it is now, or 0 if it isn't known. Reading it takes a descriptor, so it is of no use when none is left. */
    public static long allowed() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(NAME)) {
                    return number(line.substring(NAME.length()).strip().split("\\s+")[0]);
                }
            }
        } catch (IOException e) {
            // not Linux, or no descriptor is left by now
        }
        return 0;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0; // unlimited
        }
    }
}
