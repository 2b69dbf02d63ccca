// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Values of DER (ITU-T X.690), as far as certificates need them. */
final class DerOutput {
    private static final Instant LAST_OF_UTC_TIME = Instant.parse("2050-01-01T00:00:00Z"); // RFC 5280, section 4.1.2.5

    private DerOutput() {}

    static byte[] value(int tag, byte[]... parts) {
        ByteArrayOutputStream inside = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            inside.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = inside.size();
        if (length >= 0x80) {
            byte[] octets = BigInteger.valueOf(length).toByteArray();
            int from = octets[0] == 0 ? 1 : 0;
            out.write(0x80 | octets.length - from);
            out.write(octets, from, octets.length - from);
        } else {
            out.write(length);
        }
        out.writeBytes(inside.toByteArray());
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... parts) {
        return value(0x30, parts);
    }

    static byte[] set(byte[]... parts) {
        return value(0x31, parts);
    }

    /** {@code [number]} around a value. */
    static byte[] explicit(int number, byte[]... parts) {
        return value(0xA0 | number, parts);
    }

    static byte[] integer(BigInteger number) {
        return value(0x02, number.toByteArray());
    }

    static byte[] octets(byte[] bytes) {
        return value(0x04, bytes);
    }

    /** Bits of which the last {@code unused} are none. */
    static byte[] bits(int unused, byte... bytes) {
        return value(0x03, new byte[] {(byte) unused}, bytes);
    }

    static byte[] yes() {
        return value(0x01, new byte[] {(byte) 0xFF});
    }

    static byte[] text(String text) {
        return value(0x0C, text.getBytes(StandardCharsets.UTF_8));
    }

    /** An identifier in its dotted form. */
    static byte[] oid(String dotted) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String[] arcs = dotted.split("\\.");
        out.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >> shift != 0) {
                    out.write(0x80 | arc >> shift & 0x7F);
                }
            }
            out.write(arc & 0x7F);
        }
        return value(0x06, out.toByteArray());
    }

    static byte[] time(Instant instant) {
        boolean isShort = instant.isBefore(LAST_OF_UTC_TIME);
        String text = DateTimeFormatter.ofPattern(isShort ? "uuMMddHHmmss'Z'" : "uuuuMMddHHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(instant);
        return value(isShort ? 0x17 : 0x18, text.getBytes(StandardCharsets.US_ASCII));
    }
}
