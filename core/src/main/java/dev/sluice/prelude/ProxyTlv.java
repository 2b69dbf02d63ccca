// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import java.nio.ByteBuffer;

/**
 * A type and some bytes, which version 2 of the PROXY protocol carries behind the addresses, section 2.2. The value is
 * immutable and owns its memory.
 *
 * @param type 0 to 255; 0xE0 to 0xEF are for one's own
 * @param value up to 65,535 bytes
 */
public record ProxyTlv(int type, ByteBuffer value) {
    /** The protocol that TLS has negotiated with the client: {@link ProxyHeader#alpn}. */
    public static final int ALPN = 0x01;

    /** The host that the client asked for: {@link ProxyHeader#authority}. */
    public static final int AUTHORITY = 0x02;

    /** The checksum, which the reader checks and leaves out: {@link ProxyHeader#hasChecksum}. */
    public static final int CRC32C = 0x03;

    /** Says nothing; the reader leaves it out. */
    public static final int NOOP = 0x04;

    /** A name for the connection: {@link ProxyHeader#uniqueId}. */
    public static final int UNIQUE_ID = 0x05;

    /** What is known of the client's TLS: {@link ProxyHeader#ssl}. */
    public static final int SSL = 0x20;

    /** Inside {@link #SSL}: {@link ProxySsl#version}. */
    public static final int SSL_VERSION = 0x21;

    /** Inside {@link #SSL}: {@link ProxySsl#commonName}. */
    public static final int SSL_CN = 0x22;

    /** Inside {@link #SSL}: {@link ProxySsl#cipher}. */
    public static final int SSL_CIPHER = 0x23;

    /** Inside {@link #SSL}: {@link ProxySsl#signatureAlgorithm}. */
    public static final int SSL_SIG_ALG = 0x24;

    /** Inside {@link #SSL}: {@link ProxySsl#keyAlgorithm}. */
    public static final int SSL_KEY_ALG = 0x25;

    /** The network namespace of the connection: {@link ProxyHeader#netns}. */
    public static final int NETNS = 0x30;

    /** Bytes of a TLV without its value. */
    static final int HEADER_BYTES = 3;

    private static final int MAX_VALUE_BYTES = 0xFFFF;

    /**
     * Copies the value.
     *
     * @throws IllegalArgumentException if the type or the number of bytes is out of range
     */
    public ProxyTlv {
        if (type < 0 || type > 0xFF) {
            throw new IllegalArgumentException("type: " + type + " is not in 0 to 255");
        }
        if (value.remaining() > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "value: " + value.remaining() + " bytes are not in 0 to " + MAX_VALUE_BYTES);
        }
        ByteBuffer copy = ByteBuffer.allocate(value.remaining());
        value = copy.put(value.duplicate()).flip().asReadOnlyBuffer();
    }

    /** A new view of the bytes. */
    @Override
    public ByteBuffer value() {
        return value.duplicate();
    }

    /** How many bytes it takes in a header. */
    int bytes() {
        return HEADER_BYTES + value.remaining();
    }

    void write(ByteBuffer to) {
        to.put((byte) type).putShort((short) value.remaining()).put(value());
    }

    /** The type and how many bytes the value has, not the bytes, which may be anything. */
    @Override
    public String toString() {
        return String.format("0x%02x(%d bytes)", type, value.remaining());
    }
}
