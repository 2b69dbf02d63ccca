// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

/** What peers sent, made fit for messages. */
final class RespText {
    private RespText() {}

    /** A byte as its character, or as {@code \x0a} if it has none in ASCII. */
    static String printable(byte b) {
        return b >= ' ' && b <= '~' ? String.valueOf((char) b) : String.format("\\x%02x", b & 0xFF);
    }
}
