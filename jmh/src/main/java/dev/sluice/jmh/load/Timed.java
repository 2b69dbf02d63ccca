// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

/** What was done in a window, and how long it took. */
record Timed(long items, long nanos) {}
