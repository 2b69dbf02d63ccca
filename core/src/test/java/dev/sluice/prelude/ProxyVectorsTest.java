// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.ProxyBytes.IPV4;
import static dev.sluice.prelude.ProxyBytes.IPV6;
import static dev.sluice.prelude.ProxyBytes.SIGNATURE;
import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.join;
import static dev.sluice.prelude.ProxyBytes.tlv;
import static dev.sluice.prelude.ProxyBytes.unix;
import static dev.sluice.prelude.ProxyBytes.v2;
import static dev.sluice.prelude.ProxyBytes.v2OfLength;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Payloads as receivers in the field are tried with: each is accepted, refused or waited on, whole and byte by byte. */
class ProxyVectorsTest {
    private static final byte[] REQUEST = ascii("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    private static final String TCP4 = "PROXY TCP4 192.0.2.1 192.0.2.2 ";
    private static final String FROM4 = "192.0.2.1:1111";
    private static final String FROM6 = "[2001:db8::1]:1111";

    private static Arguments row(String name, byte[] header, String source) {
        return Arguments.of(name, header, source);
    }

    private static Arguments row(String name, String header, String source) {
        return row(name, ascii(header), source);
    }

    static Stream<Arguments> accepted() {
        return Stream.of(
                row("v1 tcp4", TCP4 + "1111 2222\r\n", FROM4),
                row("v1 tcp6", "PROXY TCP6 2001:db8::1 2001:db8::2 1111 2222\r\n", FROM6),
                row("v1 unknown", "PROXY UNKNOWN\r\n", "-"),
                row("v1 unknown with more", "PROXY UNKNOWN ffff:: x y z\r\n", "-"),
                row("v1 longest", "PROXY UNKNOWN" + (" ffff" + ":ffff".repeat(7)).repeat(2) + " 65535 65535\r\n", "-"),
                row("v2 tcp4", v2(0x21, 0x11, IPV4), FROM4),
                row("v2 tcp6", v2(0x21, 0x21, IPV6), FROM6),
                row("v2 local", v2(0x20, 0x00), "-"),
                row("v2 local with addresses", v2(0x20, 0x11, IPV4), "-"),
                row("v2 unspecified", v2(0x21, 0x00), "-"),
                row("v2 unspecified with a body", v2(0x21, 0x00, ascii("x".repeat(20))), "-"),
                row("v2 unix stream", v2(0x21, 0x31, unix("/a", "/b")), "unix:/a"),
                row("v2 udp4", v2(0x21, 0x12, IPV4), FROM4),
                row("v2 noop", v2(0x21, 0x11, IPV4, tlv(4, new byte[50])), FROM4),
                row(
                        "v2 alpn and authority",
                        v2(0x21, 0x11, IPV4, tlv(1, ascii("h2")), tlv(2, ascii("example.test"))),
                        FROM4),
                row("v2 unknown tlv", v2(0x21, 0x11, IPV4, tlv(0xE0, ascii("zz"))), FROM4),
                // Computed by another implementation of CRC32C.
                row("v2 checksum", v2(0x21, 0x11, IPV4, tlv(3, HexFormat.of().parseHex("fb23d1b4"))), FROM4),
                row(
                        "v2 ssl",
                        v2(0x21, 0x11, IPV4, tlv(0x20, join(new byte[] {1, 0, 0, 0, 0}, tlv(0x21, ascii("TLSv1.3"))))),
                        FROM4));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                row("v1 of 108 bytes", "PROXY UNKNOWN " + "a".repeat(100) + "\r\n", "a PROXY line without its end"),
                row("v1 LF alone", TCP4 + "1111 2222\n", "no port of digits without zeros in front"),
                row("v1 small letters", "proxy TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n", NEITHER),
                row("v1 two spaces", "PROXY  TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n", FAMILY),
                row("v1 space at the end", TCP4 + "1111 2222 \r\n", PORT),
                row("v1 port 65536", TCP4 + "65536 2222\r\n", "a port above 65,535"),
                row("v1 port -1", TCP4 + "-1 2222\r\n", PORT),
                row("v1 port with a zero in front", TCP4 + "01111 2222\r\n", PORT),
                row("v1 octet 256", "PROXY TCP4 256.0.2.1 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("v1 host name", "PROXY TCP4 localhost 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("v1 octal octet", "PROXY TCP4 0300.0.2.1 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("v1 short address", "PROXY TCP4 192.1 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("v1 IPv6 in TCP4", "PROXY TCP4 2001:db8::1 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("v1 IPv4 in TCP6", "PROXY TCP6 192.0.2.1 192.0.2.2 1111 2222\r\n", NO_IPV6),
                row("v1 zone", "PROXY TCP6 fe80::1%lo 2001:db8::2 1111 2222\r\n", NO_IPV6),
                row("v1 UDP4", "PROXY UDP4 192.0.2.1 192.0.2.2 1111 2222\r\n", FAMILY),
                row("v1 no second port", TCP4 + "1111\r\n", PORT),
                row("v1 one field more", TCP4 + "1111 2222 9\r\n", PORT),
                row("v1 zero byte", "PROXY TCP4 192.0.2.1\0 192.0.2.2 1111 2222\r\n", NO_IPV4),
                row("no header", "", NEITHER),
                row(
                        "v2 wrong checksum",
                        v2(0x21, 0x11, IPV4, tlv(3, (byte) 1, (byte) 2, (byte) 3, (byte) 4)),
                        CHECKSUM),
                row("v2 tlv too long", v2(0x21, 0x11, IPV4, ascii("\1\0\100ab")), "a TLV is longer than what holds it"),
                row("v2 tlv cut short", v2(0x21, 0x11, IPV4, ascii("\1\0")), "a TLV is cut short"),
                row("v2 11 bytes for tcp4", v2(0x21, 0x11, Arrays.copyOf(IPV4, 11)), TOO_SHORT),
                row("v2 no bytes for tcp4", v2(0x21, 0x11), TOO_SHORT),
                row("v2 version 1", v2(0x11, 0x11, IPV4), "a version other than 2"),
                row("v2 version 3", v2(0x31, 0x11, IPV4), "a version other than 2"),
                row("v2 command 2", v2(0x22, 0x11, IPV4), "a command other than LOCAL and PROXY"),
                row("v2 family 4", v2(0x21, 0x41, IPV4), "an unknown family or transport"),
                row("v2 transport 3", v2(0x21, 0x13, IPV4), "an unknown family or transport"),
                row(
                        "v2 last byte of the signature",
                        join(ascii("\r\n\r\n\0\r\nQUITX"), new byte[] {0x21, 0x11, 0, 12}, IPV4),
                        "no signature of version 2 of the PROXY protocol"),
                row(
                        "v2 of 65,535 bytes, above the limit",
                        v2(0x21, 0x11, IPV4, tlv(4, new byte[65535 - 12 - 3])),
                        "a PROXY header too long"));
    }

    private static final String NEITHER = "neither version of the PROXY protocol begins so";
    private static final String FAMILY = "a family other than TCP4, TCP6 and UNKNOWN";
    private static final String PORT = "no port of digits without zeros in front";
    private static final String NO_IPV4 = "no IPv4 address";
    private static final String NO_IPV6 = "no IPv6 address";
    private static final String CHECKSUM = "a wrong checksum";
    private static final String TOO_SHORT = "a length below that of the addresses";

    static Stream<Arguments> incomplete() {
        return Stream.of(
                row("v1", "PROXY TCP4 192.", null),
                row("v2", join(SIGNATURE, new byte[] {0x21, 0x11}), null),
                row("v2 without its body", v2OfLength(0x21, 0x11, 12, new byte[11]), null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void accepted(String name, byte[] header, String source) throws FrameException {
        ByteBuffer in = ByteBuffer.wrap(join(header, REQUEST));
        ProxyHeader read = framer().next(in);

        assertEquals(header.length, in.position(), "exactly the header is consumed");
        assertEquals(source, read.toString().split(" ")[4]);
        assertEquals(read, ProxyBytes.readByBytes(framer(), header));
        assertNull(ProxyBytes.readByBytes(framer(), Arrays.copyOf(header, header.length - 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refused(String name, byte[] header, String why) {
        byte[] stream = join(header, REQUEST);
        FrameException whole = assertThrows(FrameException.class, () -> framer().next(ByteBuffer.wrap(stream)));
        FrameException byBytes = assertThrows(FrameException.class, () -> ProxyBytes.readByBytes(framer(), stream));

        assertEquals(why, whole.what());
        assertEquals(whole.getMessage(), byBytes.getMessage());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void incomplete(String name, byte[] header, String nothing) throws FrameException {
        assertNull(framer().next(ByteBuffer.wrap(header)));
        assertNull(ProxyBytes.readByBytes(framer(), header));
    }

    /** A second header is the business of the protocol behind it, which gets its bytes and knows none. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("accepted")
    void whatLooksLikeASecondHeaderIsLeftToTheProtocol(String name, byte[] header, String source)
            throws FrameException {
        byte[] second = ascii("PROXY TCP4 192.0.2.9 192.0.2.2 1111 2222\r\n");
        ByteBuffer in = ByteBuffer.wrap(join(header, second));
        assertEquals(source, framer().next(in).toString().split(" ")[4]);
        assertEquals(ByteBuffer.wrap(second), in);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("longest")
    void theLongestIsAcceptedWhereTheLimitAllows(String name, byte[] header, String source) throws FrameException {
        ByteBuffer in = ByteBuffer.wrap(join(header, REQUEST));
        assertEquals(source, new ProxyHeaderFramer(1 << 20).next(in).toString().split(" ")[4]);
        assertEquals(REQUEST.length, in.remaining());
    }

    static Stream<Arguments> longest() {
        return Stream.of(row("v2 of 65,535 bytes", v2(0x21, 0x11, IPV4, tlv(4, new byte[65535 - 12 - 3])), FROM4));
    }

    private static ProxyHeaderFramer framer() {
        return new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES);
    }
}
