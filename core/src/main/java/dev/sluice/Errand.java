// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;

/**
 * What another thread wants done about a connection. It is counted while it is under way, so that the connection isn't
 * moved to another Reader before it has arrived.
 */
final class Errand implements Work {
    private final SocketConnection connection;
    private final Runnable action;
    private boolean arrived;

    private Errand(SocketConnection connection, Runnable action) {
        this.connection = connection;
        this.action = action;
    }

    /** Sends one. It comes to nothing if the loop has ended. Any thread. */
    static void send(SocketConnection connection, Runnable action) {
        connection.errandBegins();
        Errand errand = new Errand(connection, action);
        if (!connection.reader().loop.post(errand)) {
            errand.arrive();
        }
    }

    private void arrive() {
        if (!arrived) {
            arrived = true;
            connection.errandEnds();
        }
    }

    @Override
    public void run() {
        arrive();
        connection.enter();
        action.run();
        connection.leave();
    }

    @Override
    public void failed(Throwable cause) {
        arrive(); // if the loop has ended before
        connection.failed(cause);
    }
}
