// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Work;

/**
 * Something to be done about a connection in its loop's mail phase, which ends the connection if it throws.
 *
 * @param connection the connection
 * @param action what is done
 */
record ConnectionWork(SocketConnection connection, Action action) implements Work {

    /** May throw what a user's code throws. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    @Override
    public void run() throws Exception {
        if (!connection.onLoop()) { // it was moved after this was put off
            if (!connection.reader().loop.post(this)) {
                action.run(); // its new loop has ended, and the connection with it: who waits is to be told
            }
            return;
        }
        connection.enter();
        action.run();
        connection.leave();
    }

    @Override
    public void failed(Throwable cause) {
        connection.failed(cause);
    }
}
