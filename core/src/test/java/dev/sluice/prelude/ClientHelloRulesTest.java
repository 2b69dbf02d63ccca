// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.HelloBytes.ALPN;
import static dev.sluice.prelude.HelloBytes.ECH;
import static dev.sluice.prelude.HelloBytes.SERVER_NAME;
import static dev.sluice.prelude.HelloBytes.VERSIONS;
import static dev.sluice.prelude.HelloBytes.alpn;
import static dev.sluice.prelude.HelloBytes.bare;
import static dev.sluice.prelude.HelloBytes.body;
import static dev.sluice.prelude.HelloBytes.echOuter;
import static dev.sluice.prelude.HelloBytes.extension;
import static dev.sluice.prelude.HelloBytes.hello;
import static dev.sluice.prelude.HelloBytes.hostName;
import static dev.sluice.prelude.HelloBytes.look;
import static dev.sluice.prelude.HelloBytes.message;
import static dev.sluice.prelude.HelloBytes.record;
import static dev.sluice.prelude.HelloBytes.serverName;
import static dev.sluice.prelude.HelloBytes.u16;
import static dev.sluice.prelude.HelloBytes.u8;
import static dev.sluice.prelude.HelloBytes.vector16;
import static dev.sluice.prelude.HelloBytes.vector8;
import static dev.sluice.prelude.HelloBytes.versions;
import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello.Ech;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of {@code docs/preludes.md} for ClientHellos, with the section of the RFC that it is from. */
class ClientHelloRulesTest {
    private static final byte[] SMALLEST = join(u16(0x0300), new byte[32], u8(0), vector16(u16(5)), vector8(u8(0)));

    private static void refused(int alert, String what, byte[] stream) {
        FrameException whole = assertThrows(FrameException.class, () -> look(stream));
        FrameException byBytes =
                assertThrows(FrameException.class, () -> ProxyBytes.readByBytes(HelloBytes.framer(65536), stream));
        assertEquals(what, whole.what());
        assertEquals(alert, whole.code());
        assertEquals(whole.getMessage(), byBytes.getMessage());
    }

    private static void bodyRefused(int alert, String what, byte[] body) {
        refused(alert, what, hello(body));
        refused(alert, what, HelloBytes.inRecordsOf(1, hello(body)));
    }

    private static void extensionsRefused(int alert, String what, byte[]... extensions) {
        bodyRefused(alert, what, body(extensions));
    }

    // ---- records: RFC 8446, 5.1; RFC 5246, 6.2.1 and E.1

    @ParameterizedTest
    @CsvSource({
        "22, 3, ",
        "20, 3, a record of TLS that is none of the handshake",
        "21, 3, a record of TLS that is none of the handshake",
        "23, 3, a record of TLS that is none of the handshake",
        "128, 46, 'a hello of SSLv2, or no TLS'",
        "71, 69, no TLS",
        "0, 0, no TLS",
    })
    void theFirstByteTellsWhetherItIsTls(int first, int second, String why) throws FrameException {
        byte[] begin = {(byte) first, (byte) second};
        if (why == null) {
            assertNull(look(begin));
        } else {
            refused(10, why, Arrays.copyOf(begin, 1));
        }
    }

    @Test
    void recordsHaveAMajorVersionOf3AndAnyMinorOne() throws FrameException {
        byte[] stream = hello(bare());
        for (int minor = 0; minor < 256; minor++) {
            stream[2] = (byte) minor;
            assertEquals(stream.length, look(stream).bytes());
        }
        for (int major : new int[] {0, 2, 4, 255}) {
            refused(70, "a record of no version of TLS", new byte[] {22, (byte) major});
        }
    }

    @Test
    void emptyRecordsAreRefused() {
        refused(10, "an empty record", record(new byte[0]));
        refused(10, "an empty record", join(record(new byte[] {1, 0}), record(new byte[0])));
    }

    @Test
    void recordsHave16384BytesAtMost() {
        refused(22, "a record above 16,384 bytes", new byte[] {22, 3, 1, 0x40, 1});
    }

    @Test
    void nothingStandsBetweenTheRecordsOfAMessage() {
        byte[] half = record(Arrays.copyOf(message(1, bare()), 30));
        for (int type : new int[] {20, 21, 23, 24, 0}) {
            refused(10, "another record inside the ClientHello", join(half, record(type, new byte[1])));
        }
    }

    @Test
    void theMessageEndsWithItsRecord() { // RFC 8446, 5.1: messages don't span changes of keys
        byte[] behind = join(message(1, bare()), message(1, bare()));
        refused(10, "bytes behind the ClientHello in its record", record(behind));
        byte[] message = message(1, bare());
        byte[] first = record(Arrays.copyOf(message, 30));
        byte[] rest = Arrays.copyOfRange(message, 30, message.length + 1);
        refused(10, "bytes behind the ClientHello in its record", join(first, record(rest)));
    }

    @Test
    void recordsBehindTheMessageAreNotLookedAt() throws FrameException { // early data: RFC 8446, 4.2.10
        byte[] stream = hello(bare());
        assertEquals(
                stream.length,
                look(join(stream, record(20, new byte[1]), record(23, new byte[9])))
                        .bytes());
        assertEquals(stream.length, look(join(stream, ascii("anything"))).bytes());
    }

    // ---- the message: RFC 8446, 4 and 4.1.2

    @Test
    void theFirstMessageIsClientHello() {
        refused(10, "a message other than ClientHello", record(message(2, bare())));
        refused(10, "a message other than ClientHello", record(u8(0)));
    }

    @Test
    void theSmallestHelloIsRead() throws FrameException {
        ClientHello hello = look(hello(SMALLEST));
        assertEquals(new ClientHello(null, List.of(), List.of(0x0300), Ech.NONE, 5 + 4 + SMALLEST.length), hello);
        refused(50, "a ClientHello too short", record(message(1, Arrays.copyOf(SMALLEST, SMALLEST.length - 1))));
        refused(50, "a ClientHello too short", record(new byte[4]).clone(), 1);
    }

    private static void refused(int alert, String what, byte[] stream, int type) {
        stream[5] = (byte) type;
        refused(alert, what, stream);
    }

    @Test
    void itsVersionIsOfTls() {
        byte[] body = bare();
        body[0] = 2;
        bodyRefused(70, "a version of no TLS", body);
    }

    @Test
    void eachVectorHasTheLengthsOfItsType() {
        byte[] start = join(u16(0x0303), new byte[32]);
        byte[] padding = new byte[40];
        bodyRefused(50, "the session of a wrong length", join(start, vector8(new byte[33]), padding));
        bodyRefused(50, "the session of a wrong length", join(start, u8(32), new byte[10]));
        byte[] session = join(start, u8(0));
        bodyRefused(50, "the cipher suites of a wrong length", join(session, u16(0), padding));
        bodyRefused(50, "the cipher suites of an odd length", join(session, vector16(new byte[3]), padding));
        bodyRefused(50, "the cipher suites of a wrong length", join(session, u16(50), padding));
        byte[] suites = join(session, vector16(new byte[2]));
        bodyRefused(50, "the compression methods of a wrong length", join(suites, u8(0), padding));
        bodyRefused(50, "the compression methods of a wrong length", join(suites, u8(41), padding));
    }

    @Test
    void extensionsFillTheMessageExactly() throws FrameException {
        bodyRefused(50, "the extensions cut short", join(bare(), u8(0)));
        bodyRefused(50, "the extensions of a wrong length", join(bare(), u16(1)));
        bodyRefused(50, "bytes behind the extensions", join(body(), u8(0)));
        extensionsRefused(50, "an extension cut short", u8(0));
        extensionsRefused(50, "an extension cut short", u16(5), u8(0));
        extensionsRefused(50, "an extension of a wrong length", u16(5), u16(1));
        look(hello(body()));
        look(hello(body(extension(5), extension(6, new byte[7]))));
    }

    @Test
    void anExtensionStandsOnce() throws FrameException { // RFC 8446, 4.2
        extensionsRefused(47, "an extension is repeated", serverName("a"), serverName("a"));
        extensionsRefused(47, "an extension is repeated", extension(0x1A1A), extension(5), extension(0x1A1A));
        extensionsRefused(47, "an extension is repeated", extension(0xFFFF), extension(0xFFFF));
        look(hello(body(extension(0x1A1A), extension(0x2A2A))));
    }

    // ---- the server's name: RFC 6066, 3

    private static String nameOf(byte[]... extensions) throws FrameException {
        return look(hello(body(extensions))).serverName();
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org",
        "EXAMPLE.Org, example.org",
        "localhost, localhost",
        "a, a",
        "xn--bcher-kva.example, xn--bcher-kva.example",
        "_dmarc.my_host.example, _dmarc.my_host.example",
        "1.2.3.4a, 1.2.3.4a",
        "4.3.2.1.in-addr.arpa, 4.3.2.1.in-addr.arpa",
        "0xg, 0xg",
        "a--b.c, a--b.c",
    })
    void hostNamesAreReadInSmallLetters(String sent, String name) throws FrameException {
        assertEquals(name, nameOf(serverName(sent)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org.",
                ".",
                ".example.org",
                "a..b",
                "-a.example",
                "a-.example",
                "a.-",
                "1.2.3.4.5",
                "127.1",
                "2130706433",
                "0x7f.1",
                "a.0x7F",
                "0x",
                "[::1]",
                "127.0.0.01",
                "::1%lo",
                "a b",
                " a",
                "a\0",
                "a\0.example.org",
                "a/b",
                "a:443",
                "*.example.org",
                "b\u00fccher.example",
                "a\r\nb",
            })
    void whatIsNoHostNameIsRefused(String name) {
        extensionsRefused(47, "a server name that is no host name", serverName(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "2001:db8::192.0.2.1"})
    void anAddressIsAsIfThereWereNoName(String address) throws FrameException {
        assertEquals(null, nameOf(serverName(address)));
    }

    @Test
    void everyOtherByteIsRefusedInAName() throws FrameException {
        for (int b = 0; b < 256; b++) {
            boolean may = b < 128 && (Character.isLetterOrDigit(b) || b == '-' || b == '_' || b == '.');
            String name = "a" + (char) b + "b";
            if (may) {
                assertEquals(name.toLowerCase(java.util.Locale.ROOT), nameOf(serverName(name)));
            } else {
                extensionsRefused(47, "a server name that is no host name", serverName(name));
            }
        }
    }

    @Test
    void aNameHas253CharactersAtMostAndALabel63() throws FrameException {
        String label = "x".repeat(63);
        String longest = label + "." + label + "." + label + "." + "x".repeat(61);
        assertEquals(longest, nameOf(serverName(longest)));
        extensionsRefused(47, "a server name that is no host name", serverName(longest + "x"));
        extensionsRefused(47, "a server name that is no host name", serverName(label + "x"));
    }

    @Test
    void thereIsOneNameOfEachType() throws FrameException {
        byte[] other = join(u8(1), vector16(ascii("any")));
        assertEquals("a", nameOf(extension(SERVER_NAME, vector16(other, hostName("a")))));
        assertNull(nameOf(extension(SERVER_NAME, vector16(other))));
        extensionsRefused(
                47, "two server names of one type", extension(SERVER_NAME, vector16(hostName("a"), hostName("b"))));
        extensionsRefused(47, "two server names of one type", extension(SERVER_NAME, vector16(other, other)));
    }

    @Test
    void theListOfNamesIsExact() {
        String list = "the list of server names";
        extensionsRefused(50, list + " cut short", extension(SERVER_NAME));
        extensionsRefused(50, list + " of a wrong length", extension(SERVER_NAME, u16(0)));
        extensionsRefused(50, list + " of a wrong length", extension(SERVER_NAME, u16(9), hostName("a")));
        extensionsRefused(
                50, "bytes behind what an extension holds", extension(SERVER_NAME, vector16(hostName("a")), u8(0)));
        extensionsRefused(50, "a server name cut short", extension(SERVER_NAME, vector16(hostName("a"), u8(0))));
        extensionsRefused(50, "a server name of a wrong length", extension(SERVER_NAME, vector16(hostName(""))));
        extensionsRefused(
                50, "a server name of a wrong length", extension(SERVER_NAME, vector16(u8(0), u16(2), u8(97))));
    }

    // ---- ALPN: RFC 7301, 3.1

    @Test
    void protocolsKeepTheirOrderAndTheirBytes() throws FrameException {
        String odd = "\0\u00ff" + "x".repeat(253);
        assertEquals(
                List.of("h2", odd, "H2", "h2"),
                look(hello(body(alpn("h2", odd, "H2", "h2")))).protocols());
        assertEquals(List.of(), look(hello(body(serverName("a")))).protocols());
    }

    @Test
    void theListOfProtocolsIsExact() {
        String list = "the list of protocols";
        extensionsRefused(50, list + " cut short", extension(ALPN));
        extensionsRefused(50, list + " of a wrong length", extension(ALPN, u16(0)));
        extensionsRefused(50, list + " of a wrong length", extension(ALPN, u16(4), vector8(ascii("h2"))));
        extensionsRefused(50, "a protocol of a wrong length", alpn("h2", ""));
        extensionsRefused(50, "a protocol of a wrong length", extension(ALPN, vector16(u8(3), ascii("h2"))));
        extensionsRefused(
                50, "bytes behind what an extension holds", extension(ALPN, vector16(vector8(ascii("h2"))), u8(0)));
    }

    // ---- versions: RFC 8446, 4.2.1

    @Test
    void versionsAreThoseOfTheListOrElseTheOldOne() throws FrameException {
        ClientHello hello = look(hello(body(versions(0x0304, 0x0303))));
        assertEquals(List.of(0x0304, 0x0303), hello.versions());
        assertTrue(hello.offers(ClientHello.TLS_1_3));
        assertFalse(hello.offers(0x0301));
        byte[] old = bare();
        old[1] = 1;
        assertEquals(List.of(0x0301), look(hello(old)).versions());
        old[1] = 4;
        assertEquals(List.of(0x0303), look(hello(old)).versions(), "without a list it is TLS 1.2 at most");
    }

    @Test
    void theListOfVersionsIsExact() {
        String list = "the list of versions";
        extensionsRefused(50, list + " cut short", extension(VERSIONS));
        extensionsRefused(50, list + " of a wrong length", extension(VERSIONS, u8(0)));
        extensionsRefused(50, list + " of a wrong length", extension(VERSIONS, u8(1), u8(3)));
        extensionsRefused(50, list + " of an odd length", extension(VERSIONS, vector8(new byte[3])));
        extensionsRefused(50, list + " of a wrong length", extension(VERSIONS, vector8(new byte[255])));
        extensionsRefused(50, "bytes behind what an extension holds", extension(VERSIONS, vector8(u16(772)), u8(0)));
    }

    // ---- GREASE: RFC 8701

    @Test
    void greaseIsLeftOut() throws FrameException {
        for (int i = 0; i < 16; i++) {
            int grease = 0x1010 * i + 0x0A0A;
            String protocol = "" + (char) (grease >> 8) + (char) (grease & 0xFF);
            ClientHello hello =
                    look(hello(body(versions(grease, 0x0304), alpn(protocol, "h2"), extension(grease, new byte[i]))));
            assertEquals(List.of(0x0304), hello.versions());
            assertEquals(List.of("h2"), hello.protocols());
        }
        assertEquals(List.of("\n\32"), look(hello(body(alpn("\n\32")))).protocols());
    }

    // ---- encrypted hellos: RFC 9849, 5

    @Test
    void encryptedHellosAreTold() throws FrameException {
        assertEquals(Ech.NONE, look(hello(body(serverName("a")))).ech());
        assertEquals(Ech.OUTER, look(hello(body(echOuter()))).ech());
        assertEquals(Ech.INNER, look(hello(body(extension(ECH, u8(1))))).ech());
    }

    @Test
    void anEncryptedHelloIsExact() {
        byte[] start = join(u8(0), new byte[5]);
        extensionsRefused(47, "an encrypted ClientHello of no known type", extension(ECH, u8(2)));
        extensionsRefused(50, "the encrypted ClientHello cut short", extension(ECH));
        extensionsRefused(50, "the encrypted ClientHello cut short", extension(ECH, u8(0), new byte[4]));
        extensionsRefused(50, "the encapsulated key of a wrong length", extension(ECH, start, u16(1)));
        extensionsRefused(50, "the encrypted ClientHello of a wrong length", extension(ECH, start, u16(0), u16(0)));
        extensionsRefused(
                50, "bytes behind what an extension holds", extension(ECH, start, u16(0), vector16(u8(1)), u8(0)));
        extensionsRefused(50, "bytes behind what an extension holds", extension(ECH, u8(1), u8(0)));
    }
}
