// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

/** A server that is up, on a port of its own, and sends back what it gets or answers it, on one thread. */
interface EchoServer {

    /** The port on 127.0.0.1. */
    int port();

    /** Ends it and waits for its thread. */
    void stop() throws InterruptedException;
}
