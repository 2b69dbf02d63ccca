// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import dev.sluice.jmh.Child;
import dev.sluice.jmh.Measured;
import java.io.IOException;

/**
 * A server of HTTP that is measured, idle unless it is asked. For one thread.
 *
 * @param address without a path
 * @param clients that open connections, or null; else it is wrk
 */
record Site(String name, Measured server, String address, Child clients) implements AutoCloseable {

    /** One that wrk asks. */
    Site(String name, Measured server, String address) {
        this(name, server, address, null);
    }

    @Override
    public void close() throws IOException {
        try (server) {
            if (clients != null) {
                clients.close();
            }
        }
    }
}
