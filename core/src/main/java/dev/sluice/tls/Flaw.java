// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

/** What is wrong with the bytes of a certificate or a key; whoever knows where they come from says so as well. */
final class Flaw extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 200;

    Flaw(String message) {
        this(message, null);
    }

    Flaw(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is said behind the words of a library, which may hold bytes of a file, and several lines. */
    static Flaw of(String what, Throwable cause) {
        return new Flaw(what + " (" + printable(String.valueOf(cause.getMessage())) + ")", cause);
    }

    /** Text of a file as it may stand in a line of a log. */
    static String printable(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST));
        for (int i = 0; i < text.length() && line.length() < LONGEST; i++) {
            char c = text.charAt(i);
            line.append(c < ' ' || c > '~' ? '?' : c);
        }
        return text.length() > LONGEST ? line + "..." : line.toString();
    }
}
