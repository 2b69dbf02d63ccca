// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.ProxyBytes.encoded;
import static dev.sluice.prelude.ProxyBytes.inet;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.HeapOutput;
import dev.sluice.prelude.ProxyHeader.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyHeaderTest {
    private static final SocketAddress CLIENT = inet("192.0.2.1", 1111);
    private static final SocketAddress SERVER = inet("192.0.2.2", 2222);
    private static final ProxyHeader V2 = ProxyHeader.of(ProxyVersion.V2, CLIENT, SERVER);

    private static String line(SocketAddress source, SocketAddress destination) {
        return text(ProxyHeader.of(ProxyVersion.V1, source, destination));
    }

    private static String text(ProxyHeader header) {
        return new String(encoded(header), StandardCharsets.ISO_8859_1);
    }

    @Test
    void writesLinesOfVersion1() {
        assertEquals("PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n", line(CLIENT, SERVER));
        assertEquals(
                "PROXY TCP6 2001:db8::1 ::1 0 65535\r\n",
                line(inet("2001:db8:0:0::1", 0), inet("0:0:0:0:0:0:0:1", 65535)));
        assertEquals("PROXY UNKNOWN\r\n", text(ProxyHeader.unknown(ProxyVersion.V1)));
    }

    @Test
    void writesBothAsIpv6IfOneIs() {
        assertEquals("PROXY TCP6 ::ffff:192.0.2.1 ::1 1111 2\r\n", line(CLIENT, inet("::1", 2)));
        assertEquals(16 + 36, encoded(ProxyHeader.of(ProxyVersion.V2, inet("::1", 2), SERVER)).length);
    }

    @Test
    void writesBlocksOfVersion2() {
        assertArrayEquals(ProxyBytes.v2(0x21, 0x11, ProxyBytes.IPV4), encoded(V2));
        assertArrayEquals(ProxyBytes.v2(0x20, 0), encoded(ProxyHeader.local()));
        assertArrayEquals(ProxyBytes.v2(0x21, 0), encoded(ProxyHeader.unknown(ProxyVersion.V2)));
        SocketAddress unnamed = UnixDomainSocketAddress.of("");
        assertArrayEquals(
                ProxyBytes.v2(0x21, 0x32, ProxyBytes.unix("", "/b")),
                encoded(ProxyHeader.of(ProxyVersion.V2, Transport.DGRAM, unnamed, UnixDomainSocketAddress.of("/b"))));
    }

    @Test
    void isAnEncoder() {
        assertEquals(ByteBuffer.wrap(encoded(V2)), HeapOutput.encode(V2, ProxyHeader::encode));
    }

    @Test
    void writesTheLongestHeader() throws Exception {
        ProxyHeader longest = V2.with(new ProxyTlv(0xE0, ByteBuffer.allocate(65535 - 12 - 3)));
        byte[] stream = encoded(longest);
        assertEquals(65551, stream.length);
        assertEquals(longest, new ProxyHeaderFramer(65551).next(ByteBuffer.wrap(stream)));
        refused("tlvs: the header is longer than 65,551 bytes", longest::withChecksum);
    }

    @Test
    void saysInVersion1WhatCanBeSaidThere() {
        assertEquals(
                "PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n",
                text(V2.withAlpn("h2").inVersion(ProxyVersion.V1)));
        ProxyHeader datagrams = ProxyHeader.of(ProxyVersion.V2, Transport.DGRAM, CLIENT, SERVER);
        ProxyHeader unix =
                ProxyHeader.of(ProxyVersion.V2, UnixDomainSocketAddress.of("/a"), UnixDomainSocketAddress.of("/b"));
        for (ProxyHeader header : List.of(datagrams, unix, ProxyHeader.local())) {
            assertEquals("PROXY UNKNOWN\r\n", text(header.inVersion(ProxyVersion.V1)));
        }
        assertEquals(V2, ProxyHeader.of(ProxyVersion.V1, CLIENT, SERVER).inVersion(ProxyVersion.V2));
        assertSame(V2, V2.inVersion(ProxyVersion.V2));
    }

    @Test
    void refusesAddressesThatItCannotSay() {
        SocketAddress unresolved = InetSocketAddress.createUnresolved("a", 1);
        SocketAddress path = UnixDomainSocketAddress.of("/a");
        refused("source, destination: one is a name", () -> ProxyHeader.of(ProxyVersion.V2, unresolved, SERVER));
        refused("source, destination: neither two", () -> ProxyHeader.of(ProxyVersion.V2, CLIENT, path));
        refused("source, destination: neither two", () -> ProxyHeader.of(ProxyVersion.V2, null, path));
        refused("version: V1 has", () -> ProxyHeader.of(ProxyVersion.V1, path, path));
        refused("version: V1 has", () -> ProxyHeader.of(ProxyVersion.V1, Transport.DGRAM, CLIENT, SERVER));
        refused("transport: UNSPEC", () -> ProxyHeader.of(ProxyVersion.V2, Transport.UNSPEC, CLIENT, SERVER));
        SocketAddress tooLong = UnixDomainSocketAddress.of("/" + "x".repeat(108));
        refused("source, destination: a path has", () -> ProxyHeader.of(ProxyVersion.V2, tooLong, path));
    }

    @Test
    void refusesTlvsThatNoReaderTakes() {
        ProxyTlv custom = new ProxyTlv(0xE0, ByteBuffer.allocate(0));
        ProxyHeader v1 = ProxyHeader.of(ProxyVersion.V1, CLIENT, SERVER);
        for (ProxyHeader bare : List.of(v1, ProxyHeader.local(), ProxyHeader.unknown(ProxyVersion.V2))) {
            refused("TLVs stand in version 2 only", () -> bare.with(custom));
            refused("TLVs stand in version 2 only", bare::withChecksum);
        }
        refused("tlv: a TLV that may stand once", () -> V2.withAlpn("a").withAlpn("b"));
        refused("tlv: a checksum is written by", () -> V2.with(new ProxyTlv(3, ByteBuffer.allocate(4))));
        refused("tlv: UNIQUE_ID has", () -> V2.withUniqueId(ByteBuffer.allocate(129)));
        refused("tlv: NETNS is no ASCII", () -> V2.withNetns("\u00fc"));
        refused("tlv: SSL has fewer", () -> V2.with(new ProxyTlv(ProxyTlv.SSL, ByteBuffer.allocate(4))));
        refused("protocol: a character", () -> V2.withAlpn("\u0100"));
        refused("type: 256", () -> new ProxyTlv(256, ByteBuffer.allocate(0)));
        refused("value: 65536", () -> new ProxyTlv(1, ByteBuffer.allocate(65536)));
        List<ProxyTlv> tooMany = List.of(new ProxyTlv(0xE0, ByteBuffer.allocate(65528)));
        refused("tlvs: more than 65,535 bytes", () -> new ProxySsl(0, 0, tooMany));
        refused("client: -1", () -> new ProxySsl(-1, 0, List.of()));
        ProxySsl ssl = new ProxySsl(1, 0, List.of()).with(ProxyTlv.SSL_VERSION, "a");
        refused("tlvs: a TLV that may stand once", () -> ssl.with(ProxyTlv.SSL_VERSION, "b"));
        refused("tlvs: a TLV inside SSL is no ASCII", () -> ssl.with(ProxyTlv.SSL_CIPHER, "\u00fc"));
    }

    private static void refused(String message, org.junit.jupiter.api.function.Executable what) {
        String said = assertThrows(IllegalArgumentException.class, what).getMessage();
        assertEquals(message, said.substring(0, Math.min(message.length(), said.length())));
    }

    @Test
    void tlvsOwnTheirBytes() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3});
        ProxyTlv tlv = new ProxyTlv(0xE0, bytes);
        bytes.put(0, (byte) 9);
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), tlv.value());
        tlv.value().get();
        assertEquals(3, tlv.value().remaining());
    }

    @Test
    void isSafeToBeLogged() throws Exception {
        ProxyHeader header = ProxyBytes.read(ProxyBytes.v2(0x21, 0x31, ProxyBytes.unix("/a\r\nb\\", "/\u00c3\u00bc")));
        assertEquals("V2 PROXY UNIX STREAM unix:/a\\u{d}\\u{a}b\\u{5c} unix:/\\u{fc} []", header.toString());
    }
}
