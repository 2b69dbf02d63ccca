// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

/**
 * The host names that RFC 6066, section 3, has: ASCII, no address, no dot at the end. Underscores are let through, since there
 * are names with them.
 */
final class ServerName {
    private static final int LONGEST_NAME = 253; // RFC 1035, section 2.3.4: 255 octets in the form of DNS
    private static final int LONGEST_LABEL = 63;

    private ServerName() {}

    /** Returns the name in small letters, or null if it is none. */
    static String of(TlsCursor bytes) {
        int length = bytes.remaining();
        if (length > LONGEST_NAME) {
            return null;
        }
        StringBuilder name = new StringBuilder(length);
        int label = 0; // where the last one begins
        for (int i = 0; i <= length; i++) {
            int c = i == length ? '.' : bytes.peek(i);
            if (c == '.') {
                if (!isLabel(name, label)) {
                    return null;
                }
                label = i == length ? label : i + 1;
            } else if (!isLetterOrDigit(c) && c != '-' && c != '_') {
                return null;
            }
            if (i < length) {
                name.append((char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
            }
        }
        return isNumber(name, label) ? null : name.toString();
    }

    /**
     * Whether it is an address, in a form that can't be taken for another. No name may be that; but there are clients that send
     * whatever they connect to, and mean nothing by it.
     */
    static boolean isAddress(TlsCursor bytes) {
        StringBuilder text = new StringBuilder(bytes.remaining());
        for (int i = 0; i < bytes.remaining(); i++) {
            text.append((char) bytes.peek(i));
        }
        return IpText.parse(text.toString()) != null;
    }

    private static boolean isLetterOrDigit(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isLabel(StringBuilder name, int from) {
        int length = name.length() - from;
        return length > 0
                && length <= LONGEST_LABEL
                && name.charAt(from) != '-'
                && name.charAt(name.length() - 1) != '-';
    }

    /** A name whose last label is a number is read as an IPv4 address by many: 127.1, 0x7f.1. */
    private static boolean isNumber(StringBuilder name, int from) {
        boolean isHex = name.length() - from >= 2 && name.charAt(from) == '0' && name.charAt(from + 1) == 'x';
        for (int i = isHex ? from + 2 : from; i < name.length(); i++) {
            if (Character.digit(name.charAt(i), isHex ? 16 : 10) < 0) {
                return false;
            }
        }
        return true;
    }
}
