// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Reads the few structures of DER (ITU-T X.690) that stand around keys, one value after another, and writes them. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    static final int OID = 0x06;
    static final int SEQUENCE = 0x30;

    /** The constructed value with that number in its context: {@code [n]}. */
    static int context(int number) {
        return 0xA0 | number;
    }

    private final byte[] bytes;
    private final int end;
    private int at;

    private Der(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    /** What is inside of the one value that these bytes have to be. */
    static Der sequence(byte[] bytes) throws Flaw {
        Der all = new Der(bytes, 0, bytes.length);
        Der inside = all.enter(SEQUENCE);
        if (!all.isAtEnd()) {
            throw new Flaw("bytes behind the DER's end");
        }
        return inside;
    }

    boolean isAtEnd() {
        return at == end;
    }

    /** Says whether a value with that tag is next. */
    boolean isNext(int tag) {
        return at < end && (bytes[at] & 0xFF) == tag;
    }

    /** Goes into the next value, which is passed here. */
    Der enter(int tag) throws Flaw {
        if (!isNext(tag)) {
            throw new Flaw(
                    at == end
                            ? "DER ends too early"
                            : String.format("DER has 0x%02x for 0x%02x", bytes[at] & 0xFF, tag));
        }
        int start = at;
        at++;
        int length = length();
        if (length > end - at) {
            at = start;
            throw new Flaw("DER is cut off");
        }
        int from = at;
        at += length;
        return new Der(bytes, from, at);
    }

    private int length() throws Flaw {
        int first = octet();
        if (first < 0x80) {
            return first;
        }
        int octets = first & 0x7F;
        if (octets < 1 || octets > 3) { // nothing here has 16 MiB
            throw new Flaw("DER has no length that could be");
        }
        int length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | octet();
        }
        return length;
    }

    private int octet() throws Flaw {
        if (at == end) {
            throw new Flaw("DER is cut off");
        }
        return bytes[at++] & 0xFF;
    }

    /** The next value's contents. */
    byte[] take(int tag) throws Flaw {
        Der value = enter(tag);
        return Arrays.copyOfRange(bytes, value.at, value.end);
    }

    /** The next value with its tag and its length. */
    byte[] whole(int tag) throws Flaw {
        int from = at;
        enter(tag);
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** A number from 0 to 2^31 - 1. */
    int number() throws Flaw {
        byte[] octets = take(INTEGER);
        if (octets.length == 0 || octets.length > 4 || octets[0] < 0) {
            throw new Flaw("DER has a number out of range");
        }
        int number = 0;
        for (byte octet : octets) {
            number = number << 8 | octet & 0xFF;
        }
        return number;
    }

    /** The dotted form of an object's identifier, such as {@code 1.2.840.10045.2.1}. */
    String oid() throws Flaw {
        byte[] octets = take(OID);
        StringBuilder text = new StringBuilder();
        long arc = 0;
        for (byte octet : octets) {
            if (arc >> 40 != 0) {
                throw new Flaw("DER has an identifier too long");
            }
            arc = arc << 7 | octet & 0x7F;
            if (octet >= 0) {
                if (text.length() == 0) {
                    long first = Math.min(arc / 40, 2);
                    text.append(first).append('.').append(arc - first * 40);
                } else {
                    text.append('.').append(arc);
                }
                arc = 0;
            }
        }
        return text.toString();
    }

    // ---- writing

    /** A value with these parts, one behind the other. */
    static byte[] value(int tag, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int octets = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            out.write(0x80 | octets);
            for (int i = octets - 1; i >= 0; i--) {
                out.write(length >> 8 * i);
            }
        }
        for (byte[] part : parts) {
            out.write(part, 0, part.length);
        }
        return out.toByteArray();
    }
}
