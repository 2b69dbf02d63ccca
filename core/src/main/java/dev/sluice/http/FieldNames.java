// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** Which names a reply's fields may have. */
final class FieldNames {
    private FieldNames() {}

    /** Throws an exception if that is no name, or one whose field is written by the library. */
    static void checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a field's name has no characters");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c > 0x7f || !HttpBytes.isToken((byte) c)) {
                throw new IllegalArgumentException("a field's name has " + Integer.toHexString(c) + " (hexadecimal) at "
                        + i + "; it must be a token (RFC 9110, 5.6.2)");
            }
        }
        String instead = instead(name);
        if (instead != null) {
            throw new IllegalArgumentException(name + ": " + instead);
        }
    }

    private static String instead(String name) {
        return switch (name.length()) {
            case 4 ->
                is(name, "Date") ? "it is written with each reply; for its clock see HttpProtocol.withClock" : null;
            case 10 ->
                is(name, "Connection") ? "it is written as needed; to end the connection call thenClose()" : null;
            case 12 -> is(name, "Content-Type") ? "give it to send() or stream(), with the body" : null;
            case 14 -> is(name, "Content-Length") ? "it is what send() and stream() are given" : null;
            case 17 -> is(name, "Transfer-Encoding") ? "to send a body of unknown length call stream()" : null;
            default -> null;
        };
    }

    private static boolean is(String name, String other) {
        return name.equalsIgnoreCase(other);
    }
}
