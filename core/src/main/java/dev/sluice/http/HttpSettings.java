// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** What a protocol was told, for all its replies. */
record HttpSettings(HttpLimits limits, HttpDate date, ErrorPages errors) {
    static HttpSettings defaults() {
        return new HttpSettings(HttpLimits.defaults(), new HttpDate(System::currentTimeMillis), ErrorPages.PLAIN);
    }

    HttpSettings withLimits(HttpLimits other) {
        return new HttpSettings(other, date, errors);
    }

    HttpSettings withDate(HttpDate other) {
        return new HttpSettings(limits, other, errors);
    }

    HttpSettings withErrors(ErrorPages other) {
        return new HttpSettings(limits, date, other);
    }
}
