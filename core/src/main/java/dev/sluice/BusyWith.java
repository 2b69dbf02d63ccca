// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Loop;
import java.net.SocketAddress;

/**
 * What a loop is doing at this moment, seen from another thread.
 *
 * @param what whom it serves, in words
 * @param stack what its thread is in
 */
record BusyWith(String what, Stack stack) {

    /** Not thrown, but shown where the log or a reader expects the stack of an exception. */
    static final class Stack extends Throwable {
        private static final long serialVersionUID = 1;

        private Stack(Thread thread) {
            super("stack of " + thread.getName(), null, false, true);
            setStackTrace(thread.getStackTrace());
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }

    /** Looks. The Reader may be null; nothing is returned that could not have been true a moment ago. */
    static BusyWith now(Loop loop, Reader reader) {
        Thread thread = loop.thread();
        if (thread == null) {
            return new BusyWith("nothing, for no thread runs it", null);
        }
        Stack stack = new Stack(thread);
        SocketConnection served = reader == null ? null : reader.current;
        return new BusyWith(kind(stack) + (served == null ? "" : " of " + who(served)), stack);
    }

    // In its closed hook a connection has no address any more.
    private static String who(SocketConnection served) {
        SocketAddress remote = served.remoteAddress();
        return remote == null ? served.toString() : served + " from " + Addresses.text(remote);
    }

    private static String kind(Stack stack) {
        for (StackTraceElement frame : stack.getStackTrace()) {
            if (frame.getClassName().equals(Loop.class.getName())) {
                switch (frame.getMethodName()) {
                    case "dispatch":
                        return "an event";
                    case "serveMail":
                        return "mail";
                    case "settle":
                        return "a timer";
                    case "end":
                        return "its end";
                    default: // one of those that they call
                }
            }
        }
        return "between two";
    }
}
