// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

/** The rules of the contract, in the words of a failure's message. */
enum Rule {
    CONSUMES("a frame is never returned without consuming"),
    SAME_AT_EVERY_SPLIT("the outcome does not depend on how the stream was split"),
    LINEAR("work is linear in the bytes"),
    LIMITED("the limit acts before more is collected"),
    LEAVES_BUFFER("the buffer's limit and bytes are left as they are"),
    HOLDS_NOTHING("a framer at a boundary holds no state"),
    DETACHES("a detached frame outlives the buffer"),
    KEPT("a framer that is kept says how many bytes it takes, 0 or more"),
    YIELDS("yields() is always the same"),
    FAILS_TYPED("only a FrameException refuses a stream, and TRUNCATED only at its end"),
    NEW_FRAMER("a factory makes a new framer at a boundary each time");

    private final String words;

    Rule(String words) {
        this.words = words;
    }

    /** Makes the failure; {@code where} says stream, split, buffer and seed. */
    AssertionError broken(String what, String where, Throwable cause) {
        return new AssertionError("broken rule " + this + " (" + words + "): " + what + "; " + where, cause);
    }
}
