// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

/** What a peer sent, as it may stand in a log: ASCII that is printed, and numbers for everything else. */
final class PeerText {
    private PeerText() {}

    static String of(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c >= ' ' && c <= '~' && c != '\\') {
                escaped.append((char) c);
            } else {
                escaped.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return escaped.toString();
    }
}
