// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.testing.CollectedOutput;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Streams of the PROXY protocol, built by hand. */
final class ProxyBytes {
    static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
    static final byte[] IPV4 = HexFormat.of().parseHex("c0000201c00002020457" + "08ae");
    static final byte[] IPV6 = HexFormat.of()
            .parseHex("20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "0457" + "08ae");

    private ProxyBytes() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] v2(int command, int family, byte[]... body) {
        byte[] joined = join(body);
        return v2OfLength(command, family, joined.length, joined);
    }

    static byte[] v2OfLength(int command, int family, int length, byte[] body) {
        byte[] fixed = {(byte) command, (byte) family, (byte) (length >>> 8), (byte) length};
        return join(SIGNATURE, fixed, body);
    }

    static byte[] tlv(int type, byte... value) {
        return join(new byte[] {(byte) type, (byte) (value.length >>> 8), (byte) value.length}, value);
    }

    static byte[] unix(String source, String destination) {
        byte[] both = new byte[216];
        System.arraycopy(ascii(source), 0, both, 0, source.length());
        System.arraycopy(ascii(destination), 0, both, 108, destination.length());
        return both;
    }

    static InetSocketAddress inet(String host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static byte[] encoded(ProxyHeader header) {
        CollectedOutput out = new CollectedOutput();
        header.encode(out);
        return out.bytes();
    }

    static ProxyHeader read(byte[] stream) throws FrameException {
        return new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES).next(ByteBuffer.wrap(stream));
    }

    /** Shows the stream byte by byte until there is a frame; null if there is none. */
    static <F> F readByBytes(Framer<F> framer, byte[] stream) throws FrameException {
        F frame = null;
        for (int end = 1; end <= stream.length && frame == null; end++) {
            frame = framer.next(ByteBuffer.wrap(stream, 0, end));
        }
        return frame;
    }
}
