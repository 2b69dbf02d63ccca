// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.join;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** ClientHellos, built by hand, and what tries a reader as framers are tried. */
final class HelloBytes {
    static final int SERVER_NAME = 0;
    static final int GROUPS = 10;
    static final int ALPN = 16;
    static final int VERSIONS = 43;
    static final int KEY_SHARE = 51;
    static final int ECH = 0xFE0D;

    private HelloBytes() {}

    static byte[] u8(int value) {
        return new byte[] {(byte) value};
    }

    static byte[] u16(int value) {
        return new byte[] {(byte) (value >>> 8), (byte) value};
    }

    static byte[] vector8(byte[]... parts) {
        byte[] joined = join(parts);
        return join(u8(joined.length), joined);
    }

    static byte[] vector16(byte[]... parts) {
        byte[] joined = join(parts);
        return join(u16(joined.length), joined);
    }

    // ---- extensions

    static byte[] extension(int type, byte[]... parts) {
        return join(u16(type), vector16(parts));
    }

    static byte[] serverName(String name) {
        return extension(SERVER_NAME, vector16(hostName(name)));
    }

    static byte[] hostName(String name) {
        return join(u8(0), vector16(ascii(name)));
    }

    static byte[] alpn(String... names) {
        return extension(
                ALPN,
                vector16(Arrays.stream(names).map(name -> vector8(ascii(name))).toArray(byte[][]::new)));
    }

    static byte[] versions(int... versions) {
        return extension(
                VERSIONS,
                vector8(Arrays.stream(versions).mapToObj(HelloBytes::u16).toArray(byte[][]::new)));
    }

    static byte[] echOuter() {
        byte[] suite = {0, 1, 0, 1};
        return extension(ECH, u8(0), suite, u8(7), vector16(new byte[32]), vector16(new byte[208]));
    }

    // ---- messages

    /** A body without extensions. */
    static byte[] bare() {
        return join(
                u16(0x0303), new byte[32], vector8(new byte[32]), vector16(u16(0x1301), u16(0xC02F)), vector8(u8(0)));
    }

    static byte[] body(byte[]... extensions) {
        return join(bare(), vector16(extensions));
    }

    static byte[] message(int type, byte[] body) {
        return join(u8(type), u8(body.length >>> 16), u16(body.length), body);
    }

    /** The message of a body in one record. */
    static byte[] hello(byte[] body) {
        return record(message(1, body));
    }

    /** As browsers send it: GREASE everywhere, a key for X25519MLKEM768, an encrypted hello. */
    static byte[] browsers(String name) {
        byte[] shares = join(
                u16(0x2A2A),
                vector16(new byte[1]),
                u16(0x11EC),
                vector16(new byte[1184 + 32]),
                u16(29),
                vector16(new byte[32]));
        return hello(body(
                extension(0x1A1A),
                serverName(name),
                extension(GROUPS, vector16(u16(0x2A2A), u16(0x11EC), u16(29))),
                alpn("\n\n", "h2", "http/1.1"),
                versions(0x3A3A, 0x0304, 0x0303),
                extension(KEY_SHARE, vector16(shares)),
                echOuter(),
                extension(0xBABA, u8(0)),
                extension(21, new byte[500])));
    }

    // ---- records

    static byte[] record(byte[] content) {
        return record(22, content);
    }

    static byte[] record(int type, byte[] content) {
        return join(u8(type), u16(0x0301), vector16(content));
    }

    /** The content of a record, in records of so many bytes. */
    static byte[] inRecordsOf(int bytes, byte[] record) {
        byte[] content = Arrays.copyOfRange(record, 5, record.length);
        byte[] records = {};
        for (int at = 0; at < content.length; at += bytes) {
            records = join(records, record(Arrays.copyOfRange(content, at, Math.min(content.length, at + bytes))));
        }
        return records;
    }

    /** A framer that consumes the hellos that a reader sees, so that it can be tried as framers are. */
    static Framer<ClientHello> framer(int maxBytes) {
        ClientHelloReader reader = new ClientHelloReader(Math.min(maxBytes, ClientHelloReader.MAX_BYTES));
        return new Framer<>() {
            @Override
            public ClientHello next(ByteBuffer in) throws FrameException {
                int start = in.position();
                ClientHello hello = reader.look(in);
                if (in.position() != start) {
                    throw new AssertionError("a reader consumed " + (in.position() - start) + " bytes");
                }
                if (hello != null) {
                    in.position(start + hello.bytes());
                }
                return hello;
            }

            @Override
            public boolean atBoundary() {
                return !reader.isBegun();
            }

            @Override
            public Yields yields() {
                return Yields.WHOLE;
            }

            @Override
            public ClientHello detach(ClientHello hello) {
                return hello;
            }
        };
    }

    static ClientHello look(byte[] stream) throws FrameException {
        return new ClientHelloReader().look(ByteBuffer.wrap(stream));
    }
}
