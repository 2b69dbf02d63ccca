// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;

/** What a callback can do to the thread that calls it. */
enum Harm {
    OUT_OF_MEMORY,
    STACK_OVERFLOW,
    ASSERTION_ERROR,
    CHECKED_EXCEPTION,
    THROWABLE_OF_NO_KNOWN_KIND,
    INTERRUPT;

    /** Whether it ends the callback. */
    boolean isThrown() {
        return this != INTERRUPT;
    }

    /** Does it. What is thrown is thrown past the compiler. */
    void happen() {
        switch (this) {
            case OUT_OF_MEMORY -> throw new OutOfMemoryError("deliberate\nline");
            case STACK_OVERFLOW -> recurse(0);
            case ASSERTION_ERROR -> throw new AssertionError("deliberate");
            case CHECKED_EXCEPTION -> Harm.<RuntimeException>sneak(new IOException("deliberate"));
            case THROWABLE_OF_NO_KNOWN_KIND -> Harm.<RuntimeException>sneak(new Throwable("deliberate"));
            case INTERRUPT -> Thread.currentThread().interrupt();
        }
    }

    boolean isCauseOf(Throwable failure) {
        return switch (this) {
            case OUT_OF_MEMORY -> failure instanceof OutOfMemoryError;
            case STACK_OVERFLOW -> failure instanceof StackOverflowError;
            case ASSERTION_ERROR -> failure instanceof AssertionError;
            case CHECKED_EXCEPTION -> failure instanceof IOException;
            case THROWABLE_OF_NO_KNOWN_KIND -> failure.getClass() == Throwable.class;
            case INTERRUPT -> false;
        };
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @SuppressWarnings("unchecked") // erased, so nothing is cast
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }
}
