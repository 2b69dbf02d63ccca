// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.ProxyBytes.IPV4;
import static dev.sluice.prelude.ProxyBytes.IPV6;
import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.inet;
import static dev.sluice.prelude.ProxyBytes.join;
import static dev.sluice.prelude.ProxyBytes.read;
import static dev.sluice.prelude.ProxyBytes.tlv;
import static dev.sluice.prelude.ProxyBytes.unix;
import static dev.sluice.prelude.ProxyBytes.v2;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ProxyHeader.Command;
import dev.sluice.prelude.ProxyHeader.Family;
import dev.sluice.prelude.ProxyHeader.Transport;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of {@code docs/preludes.md} for the PROXY protocol, with the section of its specification. */
class ProxyRulesTest {

    private static String refused(byte[] stream) {
        FrameException whole = assertThrows(FrameException.class, () -> read(stream));
        FrameException byBytes =
                assertThrows(FrameException.class, () -> ProxyBytes.readByBytes(new ProxyHeaderFramer(1024), stream));
        assertEquals(whole.what(), byBytes.what());
        return whole.what();
    }

    private static void tcp4Refused(String behindIt) {
        refused(ascii("PROXY TCP4 " + behindIt));
    }

    // ---- version 1: section 2.1

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY\tTCP4 ",
                " PROXY TCP4 ",
                "PROXY tcp4 ",
                "PROXY TCP ",
                "PROXY TCP44 ",
                "PROXY UNKNOWN\t",
                "PROXY UNKNOWN\n",
                "PROXY UNKNOWNN",
                "PROXY \r\n",
                "PROXY\r\n",
                "Proxy ",
            })
    void theWordsAreExact(String line) {
        refused(ascii(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.3 ",
                "1.2.3.4.5 ",
                "1.2.3.04 ",
                "1.2.3.00 ",
                "01.2.3.4 ",
                "1..3.4 ",
                ".1.2.3 ",
                "1.2.3. ",
                "1.2.3.256 ",
                "1.2.3.4000 ",
                "0x1.2.3.4 ",
                "-1.2.3.4 ",
                "+1.2.3.4 ",
                " 1.2.3.4 ",
                "1.2.3.4\t",
                "1.2.3.4\r",
                "a.b.c.d ",
            })
    void ipv4IsFourNumbersWithoutZerosInFront(String address) {
        tcp4Refused(address);
        tcp4Refused("1.2.3.4 " + address);
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:DB8::1, 2001:db8::1",
        "2001:0db8:0000:0000:0000:0000:0000:0001, 2001:db8::1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1:0:0:2:3:0:0:4, 1::2:3:0:0:4",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "1:2:3:4:5:6:7.8.9.10, 1:2:3:4:5:6:708:90a",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    })
    void ipv6InAnyFormOfItsGrammarIsAccepted(String address, String canonical) throws FrameException {
        ProxyHeader header = read(ascii("PROXY TCP6 " + address + " ::1 1 2\r\n"));
        assertEquals(inet(address, 1), header.source());
        assertTrue(header.toString().contains("[" + canonical + "]:1 "), header::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                "1:",
                ":1",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4::5:6:7:8",
                "12345::",
                "g::",
                "fe80::1%1",
                "[::1]",
                "::1/64",
                "::1.2.3",
                "::1.2.3.4.5",
                "::01.2.3.4",
                "::ab.2.3.4",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "1:2:3:4::5:6:1.2.3.4",
                "1.2.3.4",
                "localhost",
                "abad.cafe",
            })
    void ipv6OutsideItsGrammarIsRefused(String address) {
        assertEquals("no IPv6 address", refused(ascii("PROXY TCP6 " + address + " ")));
        assertEquals("no IPv6 address", refused(ascii("PROXY TCP6 :: " + address + " ")));
    }

    @Test
    void anIpv4AddressWrittenAsIpv6IsOne() throws FrameException { // RFC 4291, 2.5.5.2; senders write it so
        ProxyHeader line = read(ascii("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c000:202 1 2\r\n"));
        assertEquals(Family.INET6, line.family());
        assertEquals(inet("192.0.2.1", 1), line.source());
        assertEquals(inet("192.0.2.2", 2), line.destination());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " 1\r\n",
                "1 \r\n",
                "1  2\r\n",
                "00 1\r\n",
                "1 01\r\n",
                "1 65536\r\n",
                "1 99999999999\r\n",
                "+1 2\r\n",
                "1 2\n",
                "1 2\r\r\n",
                "1 2\t\r\n",
                "1\t2\r\n",
                "1,2\r\n",
                "0x1 2\r\n",
                "1 2\r \n"
            })
    void portsAreNumbersUpTo65535WithoutZerosInFront(String ports) {
        tcp4Refused("1.2.3.4 1.2.3.4 " + ports);
    }

    @Test
    void portsMayBeAtTheirBounds() throws FrameException {
        ProxyHeader header = read(ascii("PROXY TCP4 1.2.3.4 255.255.255.255 0 65535\r\n"));
        assertEquals(inet("1.2.3.4", 0), header.source());
        assertEquals(inet("255.255.255.255", 65535), header.destination());
    }

    @Test
    void unknownHidesAnythingButAnEndOfLine() throws FrameException {
        for (int b = 0; b < 256; b++) {
            byte[] line = join(ascii("PROXY UNKNOWN "), new byte[] {(byte) b}, ascii("x\r\n"));
            if (b == '\r' || b == '\n') {
                refused(line);
            } else {
                assertEquals(ProxyHeader.unknown(ProxyVersion.V1), read(line));
            }
        }
    }

    @Test
    void aLineHas107BytesAtMost() throws FrameException {
        assertEquals(
                Family.UNSPEC,
                read(ascii("PROXY UNKNOWN " + "x".repeat(91) + "\r\n")).family());
        refused(ascii("PROXY UNKNOWN " + "x".repeat(92) + "\r\n"));
        refused(ascii("PROXY TCP6 " + "0000:0000:0000:0000:0000:ffff:255.255.255.255 ".repeat(2) + "1 2\r\n"));
    }

    // ---- version 2: section 2.2

    @Test
    void eachFamilyHasItsAddresses() throws FrameException {
        ProxyHeader udp = read(v2(0x21, 0x12, IPV4));
        assertEquals(List.of(Command.PROXY, Family.INET, Transport.DGRAM), kind(udp));
        ProxyHeader tcp6 = read(v2(0x21, 0x21, IPV6));
        assertEquals(List.of(Command.PROXY, Family.INET6, Transport.STREAM), kind(tcp6));
        assertEquals(inet("2001:db8::2", 2222), tcp6.destination());
        ProxyHeader unix = read(v2(0x21, 0x31, unix("/a", "/b")));
        assertEquals(List.of(Command.PROXY, Family.UNIX, Transport.STREAM), kind(unix));
        assertEquals(UnixDomainSocketAddress.of("/b"), unix.destination());
    }

    private static List<Enum<?>> kind(ProxyHeader header) {
        return List.of(header.command(), header.family(), header.transport());
    }

    @Test
    void whatIsNoPathHereIsNoAddress() throws FrameException {
        assertEquals(
                UnixDomainSocketAddress.of(""),
                read(v2(0x21, 0x31, unix("", ""))).source());
        ProxyHeader abstractName = read(v2(0x21, 0x31, unix("\0abstract", "/b")));
        assertNull(abstractName.source());
        assertArrayEquals(v2(0x21, 0x31, unix("", "/b")), ProxyBytes.encoded(abstractName));
        assertNull(read(v2(0x21, 0x31, unix("/\u00ff", "/b"))).source());
        String longest = "/" + "x".repeat(107);
        assertEquals(
                UnixDomainSocketAddress.of(longest),
                read(v2(0x21, 0x31, unix(longest, "/b"))).source());
    }

    @Test
    void addressesOfUnspecifiedFamiliesAndTransportsAreSkipped() throws FrameException {
        ProxyHeader unknown = ProxyHeader.unknown(ProxyVersion.V2);
        for (int family : new int[] {0x00, 0x01, 0x02, 0x10, 0x20, 0x30}) {
            assertEquals(unknown, read(v2(0x21, family)));
            assertEquals(unknown, read(v2(0x21, family, ascii("no TLVs"))));
        }
    }

    @Test
    void everythingOfALocalConnectionIsSkipped() throws FrameException {
        for (int family = 0; family < 256; family++) {
            assertEquals(ProxyHeader.local(), read(v2(0x20, family, ascii("no TLVs"))));
        }
    }

    @Test
    void otherVersionsCommandsFamiliesAndTransportsAreRefused() {
        for (int b = 0; b < 256; b++) {
            if (b != 0x20 && b != 0x21) {
                refused(v2(b, 0x11, IPV4));
            }
            if (b >> 4 > 3 || (b & 0xF) > 2) {
                assertEquals("an unknown family or transport", refused(v2(0x21, b, new byte[300])));
            }
        }
    }

    @Test
    void theLengthHoldsTheAddressesAtLeast() {
        refused(v2(0x21, 0x11, new byte[11]));
        refused(v2(0x21, 0x22, new byte[35]));
        refused(v2(0x21, 0x31, new byte[215]));
    }

    // ---- TLVs: sections 2.2.1 to 2.2.8

    private static ProxyHeader withTlvs(byte[]... tlvs) throws FrameException {
        return read(v2(0x21, 0x11, IPV4, join(tlvs)));
    }

    private static String tlvsRefused(byte[]... tlvs) {
        return refused(v2(0x21, 0x11, IPV4, join(tlvs)));
    }

    @Test
    void tlvsFillTheHeaderExactly() {
        assertEquals("a TLV is cut short", tlvsRefused(new byte[1]));
        assertEquals("a TLV is cut short", tlvsRefused(tlv(4), new byte[2]));
        assertEquals("a TLV is longer than what holds it", tlvsRefused(new byte[] {4, 0, 1}));
        assertEquals("a TLV is longer than what holds it", tlvsRefused(new byte[] {4, -1, -1, 0}));
    }

    @Test
    void eachKnownTypeIsRead() throws FrameException {
        ProxyHeader header = withTlvs(
                tlv(ProxyTlv.ALPN, ascii("h2")),
                tlv(ProxyTlv.AUTHORITY, ascii("b\u00c3\u00bc.example")),
                tlv(ProxyTlv.UNIQUE_ID, new byte[128]),
                tlv(ProxyTlv.NETNS, ascii("blue")));
        assertEquals("h2", header.alpn());
        assertEquals("b\u00fc.example", header.authority());
        assertEquals(ByteBuffer.allocate(128), header.uniqueId());
        assertEquals("blue", header.netns());
        ProxyHeader bare = withTlvs();
        assertNull(bare.alpn());
        assertNull(bare.authority());
        assertNull(bare.uniqueId());
        assertNull(bare.netns());
        assertNull(bare.ssl());
        assertFalse(bare.hasChecksum());
    }

    @Test
    void unknownTypesAreKeptAndNoopIsNot() throws FrameException {
        ProxyHeader header =
                withTlvs(tlv(0xE0, ascii("a")), tlv(4, ascii("b")), tlv(0xE0, ascii("c")), tlv(4), tlv(0xFF), tlv(0));
        assertEquals(
                List.of("0xe0(1 bytes)", "0xe0(1 bytes)", "0xff(0 bytes)", "0x00(0 bytes)"),
                header.tlvs().stream().map(ProxyTlv::toString).toList());
        assertEquals(ByteBuffer.wrap(ascii("c")), header.tlvs().get(1).value());
    }

    @ParameterizedTest
    @ValueSource(ints = {ProxyTlv.ALPN, ProxyTlv.AUTHORITY, ProxyTlv.UNIQUE_ID, ProxyTlv.NETNS})
    void aKnownTypeStandsOnce(int type) throws FrameException {
        assertEquals("a TLV that may stand once is repeated", tlvsRefused(tlv(type), tlv(4), tlv(type)));
        byte[] ssl = tlv(ProxyTlv.SSL, new byte[5]);
        assertEquals("a TLV that may stand once is repeated", tlvsRefused(ssl, ssl));
        withTlvs(tlv(type), ssl);
    }

    @Test
    void valuesAreWhatTheirTypeSays() {
        assertEquals("UNIQUE_ID has more than 128 bytes", tlvsRefused(tlv(ProxyTlv.UNIQUE_ID, new byte[129])));
        assertEquals("AUTHORITY is no UTF-8", tlvsRefused(tlv(ProxyTlv.AUTHORITY, ascii("\u00fc"))));
        assertEquals("NETNS is no ASCII", tlvsRefused(tlv(ProxyTlv.NETNS, ascii("\u00c3\u00bc"))));
        assertEquals("SSL has fewer than 5 bytes", tlvsRefused(tlv(ProxyTlv.SSL, new byte[4])));
    }

    @Test
    void theChecksumIsCheckedAndMustBeTheOnlyOne() throws FrameException {
        byte[] checked = ProxyBytes.encoded(ProxyHeader.of(ProxyVersion.V2, inet("192.0.2.1", 1), inet("192.0.2.2", 2))
                .with(new ProxyTlv(0xE1, ByteBuffer.wrap(ascii("abc"))))
                .withChecksum());
        assertTrue(read(checked).hasChecksum());
        assertEquals(1, read(checked).tlvs().size());
        for (int i = 16; i < checked.length; i++) { // any bit, but of TLVs' types and lengths
            boolean frames = i >= 28 && i <= 30 || i >= 35 && i <= 37;
            if (!frames) {
                checked[i] ^= 4;
                assertEquals("a wrong checksum", refused(checked));
                checked[i] ^= 4;
            }
        }
        assertEquals("CRC32C has other than 4 bytes", tlvsRefused(tlv(3, new byte[3])));
        assertEquals("CRC32C has other than 4 bytes", tlvsRefused(tlv(3, new byte[5])));
        byte[] twice = tlv(3, new byte[4]);
        assertEquals("a TLV that may stand once is repeated", tlvsRefused(twice, twice));
    }

    @Test
    void theChecksumMayStandAnywhere() throws FrameException {
        byte[] stream = v2(0x21, 0x11, IPV4, tlv(4, ascii("pad")), tlv(3, new byte[4]), tlv(0xE0, ascii("z")));
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(stream);
        int at = 16 + 12 + 6 + 3;
        ByteBuffer.wrap(stream).putInt(at, (int) crc.getValue());
        assertTrue(read(stream).hasChecksum());
    }

    @Test
    void sslTellsVersionCertificateAndCipher() throws FrameException {
        byte[] value = join(
                new byte[] {3, 0, 0, 0, 0},
                tlv(0x21, ascii("TLSv1.3")),
                tlv(0x22, ascii("\u00c3\u00bc")),
                tlv(0x23, ascii("ECDHE")),
                tlv(0x24, ascii("SHA256")),
                tlv(0x25, ascii("RSA2048")),
                tlv(0x77, new byte[] {1}));
        ProxySsl ssl = withTlvs(tlv(ProxyTlv.SSL, value)).ssl();
        assertTrue(ssl.isTls() && ssl.hasCertificate() && ssl.isVerified());
        assertEquals("TLSv1.3", ssl.version());
        assertEquals("\u00fc", ssl.commonName());
        assertEquals("ECDHE", ssl.cipher());
        assertEquals("SHA256", ssl.signatureAlgorithm());
        assertEquals("RSA2048", ssl.keyAlgorithm());
        assertEquals(6, ssl.tlvs().size());
    }

    @Test
    void noCertificateIsVerifiedThatWasNotPresented() { // verify is 0 in headers that tell of none
        assertFalse(new ProxySsl(ProxySsl.CLIENT_SSL, 0, List.of()).isVerified());
        assertFalse(new ProxySsl(ProxySsl.CLIENT_CERT_CONN, 1, List.of()).isVerified());
        assertTrue(new ProxySsl(ProxySsl.CLIENT_CERT_SESS, 0, List.of()).isVerified());
    }

    @Test
    void whatIsInsideSslFillsItExactly() {
        byte[] fixed = new byte[5];
        assertEquals("a TLV is cut short", tlvsRefused(tlv(0x20, join(fixed, new byte[2]))));
        assertEquals("a TLV is longer than what holds it", tlvsRefused(tlv(0x20, join(fixed, ascii("\41\0\2a")))));
        byte[] version = tlv(0x21, ascii("x"));
        assertEquals("a TLV that may stand once is repeated", tlvsRefused(tlv(0x20, join(fixed, version, version))));
        assertEquals("SSL_CN is no UTF-8", tlvsRefused(tlv(0x20, join(fixed, tlv(0x22, ascii("\u00ff"))))));
        assertEquals("a TLV inside SSL is no ASCII", tlvsRefused(tlv(0x20, join(fixed, tlv(0x23, ascii("\u00ff"))))));
    }
}
