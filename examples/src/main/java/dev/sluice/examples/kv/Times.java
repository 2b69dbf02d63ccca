// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

/** Times that clients give: relative or absolute, in seconds or milliseconds. */
final class Times {
    /** Given instead of a time when an error was answered. */
    static final long REFUSED = Long.MIN_VALUE;

    private Times() {}

    /**
     * Reads a time, or answers with an error.
     *
     * @param positive whether it must be above 0, as for SET; for EXPIRE it may lie in the past
     * @return milliseconds since 1970, or {@link #REFUSED}
     */
    static long expiresAt(Call call, int argument, int unitMillis, boolean absolute, boolean positive, String name) {
        if (!call.isNumber(argument)) {
            call.error(Call.NOT_AN_INTEGER);
            return REFUSED;
        }
        long time = call.number(argument);
        long now = absolute ? 0 : call.store.now();
        boolean fits = time <= Long.MAX_VALUE / unitMillis
                && time >= Long.MIN_VALUE / unitMillis
                && time * unitMillis <= Long.MAX_VALUE - now;
        if (!fits || (positive && time <= 0)) {
            call.error("ERR invalid expire time in '" + name + "' command");
            return REFUSED;
        }
        return Math.max(REFUSED + 1, Math.min(time * unitMillis + now, Entry.NEVER - 1));
    }
}
