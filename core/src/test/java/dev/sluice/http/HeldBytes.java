// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** How much of the bodies of requests is held, for tests elsewhere. */
public final class HeldBytes {
    private HeldBytes() {}

    /** Of all requests to these together. */
    public static long of(HttpBackends backends) {
        return backends.heldNow();
    }
}
