// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.util.Arrays;

/**
 * A failure as it may be logged: type, escaped message and stack of the original and of what caused it, each of bounded
 * length. Whatever the original's own methods do, making this doesn't throw for that.
 */
public final class LoggedFailure extends Throwable {
    private static final long serialVersionUID = 1;
    private static final int MOST_CAUSES = 8;
    private static final int MOST_FRAMES = 100;

    private LoggedFailure(String text, LoggedFailure cause) {
        super(text, cause, false, true);
    }

    /** Makes what is given to the log instead of {@code failure}, which may be null. */
    public static LoggedFailure of(Throwable failure) {
        return failure == null ? null : of(failure, 1);
    }

    private static LoggedFailure of(Throwable failure, int depth) {
        LoggedFailure cause = null;
        StackTraceElement[] stack = {};
        try {
            Throwable its = failure.getCause();
            cause = its == null || its == failure || depth == MOST_CAUSES ? null : of(its, depth + 1);
            stack = failure.getStackTrace();
        } catch (RuntimeException | AssertionError e) {
            // shown without
        }
        LoggedFailure logged = new LoggedFailure(text(failure), cause);
        logged.setStackTrace(stack.length > MOST_FRAMES ? Arrays.copyOf(stack, MOST_FRAMES) : stack);
        return logged;
    }

    private static String text(Throwable failure) {
        String type = failure.getClass().getName();
        try {
            String message = failure.getMessage();
            return message == null ? type : type + ": " + LogText.of(message);
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            return type + ", whose message can't be had";
        }
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this; // it is another's stack that is shown
    }

    @Override
    public String toString() {
        return getMessage();
    }
}
