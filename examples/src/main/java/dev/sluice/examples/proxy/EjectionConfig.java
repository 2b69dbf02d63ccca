// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.time.Duration;

/**
 * When a backend is left out for what becomes of clients' connections to it.
 *
 * @param failures in a row that leave it out; 0: however many
 * @param percent of failures that leave it out; 0: whatever the share
 * @param time for which it is left out the first time
 * @param most share of all backends that may be left out, in percent
 */
public record EjectionConfig(int failures, int percent, Duration time, int most) {
    public static final EjectionConfig DEFAULTS = new EjectionConfig(5, 50, Duration.ofSeconds(10), 50);
}
