// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

/**
 * How large requests and responses may be.
 *
 * @param head bytes of a head, of a request or a response
 * @param body bytes of a request's body
 * @param held bytes of a body that is held until it is whole, before a backend sees the request
 */
record HttpConfig(int head, long body, int held) {
    static final long MOST_BODY = 1L << 40;
    static final HttpConfig DEFAULTS = new HttpConfig(32 << 10, MOST_BODY, 64 << 10);
}
