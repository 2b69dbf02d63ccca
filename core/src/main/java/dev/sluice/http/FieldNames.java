// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/** Which names the fields of replies and requests may have. */
final class FieldNames {
    private FieldNames() {}

    /** Throws an exception if that is no name, or one whose field the library writes in replies. */
    static void checkReply(String name) {
        checkToken(name);
        refuse(name, insteadInReply(name));
    }

    /** Throws an exception if that is no name, or one whose field the library writes in requests. */
    static void checkRequest(String name) {
        checkToken(name);
        refuse(name, insteadInRequest(name));
    }

    static void checkToken(String name) {
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
    }

    private static void refuse(String name, String instead) {
        if (instead != null) {
            throw new IllegalArgumentException(name + ": " + instead);
        }
    }

    private static String insteadInReply(String name) {
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

    private static String insteadInRequest(String name) {
        return switch (name.length()) {
            case 4 -> is(name, "Host") ? "it is what the head is made with" : null;
            case 6 -> is(name, "Expect") ? "bodies are sent without waiting for a word" : null;
            case 7 -> is(name, "Upgrade") ? "call upgrade()" : null;
            case 10 ->
                is(name, "Connection")
                        ? "to end the connection call thenClose(); for another protocol, upgrade()"
                        : null;
            case 14 -> is(name, "Content-Length") ? "it is written with each body" : null;
            case 17 -> is(name, "Transfer-Encoding") ? "bodies are sent with their length" : null;
            default -> null;
        };
    }

    private static boolean is(String name, String other) {
        return name.equalsIgnoreCase(other);
    }
}
