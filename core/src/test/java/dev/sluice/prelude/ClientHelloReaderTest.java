// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static dev.sluice.prelude.HelloBytes.alpn;
import static dev.sluice.prelude.HelloBytes.bare;
import static dev.sluice.prelude.HelloBytes.body;
import static dev.sluice.prelude.HelloBytes.browsers;
import static dev.sluice.prelude.HelloBytes.extension;
import static dev.sluice.prelude.HelloBytes.hello;
import static dev.sluice.prelude.HelloBytes.inRecordsOf;
import static dev.sluice.prelude.HelloBytes.look;
import static dev.sluice.prelude.HelloBytes.message;
import static dev.sluice.prelude.HelloBytes.record;
import static dev.sluice.prelude.HelloBytes.serverName;
import static dev.sluice.prelude.HelloBytes.versions;
import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello.Ech;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloReaderTest {
    private static final byte[] BARE = hello(bare());
    private static final byte[] NAMED = hello(body(serverName("Example.ORG"), alpn("h2"), versions(0x0304)));

    @Test
    void keepsTheContractOfFramers() {
        ClientHello bare = new ClientHello(null, List.of(), List.of(0x0303), Ech.NONE, BARE.length);
        ClientHello named = new ClientHello("example.org", List.of("h2"), List.of(0x0304), Ech.NONE, NAMED.length);
        byte[] small = inRecordsOf(30, NAMED);
        byte[] tooLong = hello(body(extension(21, new byte[512])));
        FramerContract.of(HelloBytes::framer, hello -> hello)
                .maxFrameBytes(512)
                .accepts("")
                .accepts(join(BARE, NAMED), bare, named)
                .accepts(join(small, BARE), withBytes(named, small.length), bare)
                .rejects(ascii("GET / HTTP/1.1\r\n"), MALFORMED)
                .rejects(join(BARE, record(20, new byte[1])), MALFORMED, bare)
                .rejects(join(NAMED, hello(body(serverName("127.1")))), MALFORMED, named)
                .rejects(inRecordsOf(11, hello(body(serverName("a"), serverName("a")))), MALFORMED)
                .rejects(inRecordsOf(7, hello(join(bare(), new byte[1]))), MALFORMED)
                .rejects(join(record(Arrays.copyOf(message(1, bare()), 20)), record(21, new byte[2])), MALFORMED)
                .rejects(tooLong, TOO_LONG)
                .rejects(inRecordsOf(1, NAMED), TOO_LONG)
                .rejects(Arrays.copyOf(NAMED, NAMED.length - 1), TRUNCATED)
                .rejects(join(NAMED, Arrays.copyOf(small, 33)), TRUNCATED, named)
                .check();
    }

    private static ClientHello withBytes(ClientHello hello, int bytes) {
        return new ClientHello(hello.serverName(), hello.protocols(), hello.versions(), hello.ech(), bytes);
    }

    @Test
    void readsWhatBrowsersSend() throws FrameException {
        byte[] stream = browsers("www.example.org");
        assertTrue(stream.length > 2048, "as long as those with keys against quantum computers");
        assertEquals(
                new ClientHello(
                        "www.example.org",
                        List.of("h2", "http/1.1"),
                        List.of(ClientHello.TLS_1_3, ClientHello.TLS_1_2),
                        Ech.OUTER,
                        stream.length),
                look(stream));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 100, 1000, 16384})
    void readsAMessageInRecordsOfAnyLength(int bytes) throws FrameException {
        byte[] stream = inRecordsOf(bytes, browsers("a.example"));
        ClientHello hello = look(join(stream, new byte[100]));
        assertEquals("a.example", hello.serverName());
        assertEquals(stream.length, hello.bytes());
    }

    @Test
    void saysWhereInTheStreamTheMessageIsWrong() {
        byte[] body = body(serverName("a..b"));
        FrameException inOne = assertThrows(FrameException.class, () -> look(hello(body)));
        FrameException inMany = assertThrows(FrameException.class, () -> look(inRecordsOf(1, hello(body))));
        int inMessage = 4 + body.length - 4;
        assertEquals(5 + inMessage, inOne.offset());
        assertEquals(6 * inMessage + 5, inMany.offset());
        byte[] cut = Arrays.copyOf(body(), bare().length + 1);
        assertEquals(
                5 + 4 + bare().length,
                assertThrows(FrameException.class, () -> look(hello(cut))).offset());
        FrameException cutInMany = assertThrows(FrameException.class, () -> look(inRecordsOf(10, hello(cut))));
        assertEquals("the extensions cut short", cutInMany.what());
    }

    @Test
    void remembersHowFarItHasLooked() throws FrameException {
        ClientHelloReader reader = new ClientHelloReader();
        byte[] stream = inRecordsOf(50, NAMED);
        assertNull(reader.look(ByteBuffer.wrap(stream, 0, 100)));
        byte[] changed = stream.clone();
        Arrays.fill(changed, 0, 100, (byte) 'x'); // only a second look could find it
        assertNull(reader.look(ByteBuffer.wrap(changed, 0, 101)));
        assertEquals("example.org", reader.look(ByteBuffer.wrap(stream)).serverName());
    }

    @Test
    void goesOnWithAnotherStreamBehindAHello() throws FrameException {
        ClientHelloReader reader = new ClientHelloReader();
        assertEquals("example.org", reader.look(ByteBuffer.wrap(NAMED)).serverName());
        assertEquals("example.org", reader.look(ByteBuffer.wrap(NAMED)).serverName());
        assertNull(reader.look(ByteBuffer.wrap(BARE)).serverName());
    }

    @Test
    void takesAHelloThatIsExactlyAsLongAsTheLimit() throws FrameException {
        int others = hello(body(extension(21))).length;
        byte[] longest = inRecordsOf(16384, hello(body(extension(21, new byte[65536 - others - 3 * 5]))));
        assertEquals(65536, longest.length);
        assertEquals(65536, look(longest).bytes());
        byte[] longer = inRecordsOf(16384, hello(body(extension(21, new byte[65537 - others - 3 * 5]))));
        assertEquals(
                TOO_LONG, assertThrows(FrameException.class, () -> look(longer)).kind());
    }

    @Test
    void refusesWhatClaimsToBeTooLongAtOnce() {
        byte[] claims = record(new byte[] {1, 0, (byte) 0xFF, (byte) 0xF8});
        FrameException e = assertThrows(FrameException.class, () -> look(claims));
        assertEquals(TOO_LONG, e.kind());
        assertEquals(50, e.code());
        assertEquals("a ClientHello too long, the limit is 65536", e.getMessage());
    }

    @Test
    void countsTheHeadersOfRecordsThatAreStillToCome() throws FrameException {
        byte[] message = message(1, body(extension(21, new byte[422])));
        assertEquals(507, message.length);
        assertEquals(
                512,
                new ClientHelloReader(512)
                        .look(ByteBuffer.wrap(record(message)))
                        .bytes());
        byte[] first = record(Arrays.copyOf(message, 506));
        assertNull(new ClientHelloReader(512).look(ByteBuffer.wrap(first, 0, 8)));
        FrameException e =
                assertThrows(FrameException.class, () -> new ClientHelloReader(512).look(ByteBuffer.wrap(first, 0, 9)));
        assertEquals(TOO_LONG, e.kind());
    }

    @Test
    void refusesALimitOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new ClientHelloReader(511));
        assertEquals(
                "maxBytes: 65537 is not in 512 to 65536",
                assertThrows(IllegalArgumentException.class, () -> new ClientHelloReader(65537))
                        .getMessage());
    }

    @Test
    void aHelloIsSafeToBeLogged() throws FrameException {
        assertEquals(
                "name a, protocols [h2, \\u{d}\\u{a}\\u{ff}], versions [0x0304], ECH NONE, 116 bytes",
                look(hello(body(serverName("a"), alpn("h2", "\r\n\u00ff"), versions(0x0304))))
                        .toString());
    }
}
