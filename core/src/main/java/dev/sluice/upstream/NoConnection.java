// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.io.IOException;

/** A {@link ConnectionPool} has no connection to give; a connect that fails is told by its own exception. Without a stack. */
public final class NoConnection extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** Why. */
    public enum Reason {
        /** All connections are in use, and {@link ConnectionPool.Builder#queue} others wait. */
        QUEUE_FULL,
        /** None came free within {@link ConnectionPool.Builder#longestWait}. */
        WAITED_TOO_LONG,
        /** The pool was closed. */
        CLOSED
    }

    NoConnection(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** Nothing of interest is in it, and there may be many of these at once. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
