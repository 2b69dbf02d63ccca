// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static dev.sluice.tls.HandshakeTest.identity;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.prelude.ClientHelloReader;
import dev.sluice.testing.TestCa;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** A second ClientHello on a connection: after HelloRetryRequest, which is lawful, and as a renegotiation, which isn't wanted. */
class SecondHelloTest {
    private static final int HANDSHAKE = 22;

    private static ServerTls server() throws Exception {
        return ServerTls.builder()
                .defaultIdentity(identity(TestCa.create("Test CA").server("a.example", "b.example")))
                .build();
    }

    /** What {@link ServerTls#engineFor} tells whoever drives the engine to look for. */
    @Test
    void aRenegotiationShowsInTheFirstByteOfItsRecord() throws Exception {
        ClientTls client =
                ClientTls.builder().insecure().versions(TlsVersion.TLS_1_2).build();
        EnginePair pair = EnginePair.open(server(), client.engine("a.example", 443));
        pair.client.beginHandshake();
        byte[] record = pair.fromClient();
        assertEquals(HANDSHAKE, record[0]);
        assertEquals("TLSv1.2", pair.server.getSession().getProtocol());
        pair.server.unwrap(ByteBuffer.wrap(record), ByteBuffer.allocate(1 << 15));
        assertEquals(HandshakeStatus.NEED_TASK, pair.server.getHandshakeStatus(), "the JDK would go along with it");
    }

    @Test
    void ofTls13NothingBehindTheHandshakeShows() throws Exception {
        ClientTls client =
                ClientTls.builder().insecure().versions(TlsVersion.TLS_1_3).build();
        EnginePair pair = EnginePair.open(server(), client.engine("a.example", 443));
        pair.client.beginHandshake(); // for the JDK an update of keys
        assertEquals(23, pair.fromClient()[0]);
    }

    /** The hello's key shares are made unusable, so that the server asks for another hello. */
    @Test
    void aRetriedHelloMayNotAskForAnotherName() throws Exception {
        assertEquals(HandshakeStatus.NEED_WRAP, afterRetry("a.example").getHandshakeStatus());
        SSLException e = assertThrows(SSLException.class, () -> afterRetry("b.example"));
        assertTrue(e.getMessage().contains("Unrecognized server name"), e::toString);
    }

    private static SSLEngine afterRetry(String name) throws Exception {
        ClientTls client =
                ClientTls.builder().insecure().versions(TlsVersion.TLS_1_3).build();
        SSLEngine fresh = client.engine("a.example", 443);
        fresh.beginHandshake();
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        fresh.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = new byte[out.flip().remaining()];
        out.get(hello);
        SSLEngine server = server().engineFor(new ClientHelloReader().look(ByteBuffer.wrap(hello)));
        feed(server, withoutShares(hello));
        ByteBuffer retry = ByteBuffer.allocate(1 << 16);
        while (server.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            server.wrap(ByteBuffer.allocate(0), retry);
        }
        String text = new String(hello, StandardCharsets.ISO_8859_1).replace("a.example", name);
        feed(server, text.getBytes(StandardCharsets.ISO_8859_1));
        return server;
    }

    private static void feed(SSLEngine server, byte[] hello) throws SSLException {
        server.unwrap(ByteBuffer.wrap(hello), ByteBuffer.allocate(1 << 15));
        for (Runnable task = server.getDelegatedTask(); task != null; task = server.getDelegatedTask()) {
            task.run();
        }
        if (server.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            server.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(1 << 16));
        }
    }

    /** Groups of key shares get numbers that nobody knows (RFC 8446, section 4.2.8); the list of groups stays. */
    private static byte[] withoutShares(byte[] hello) {
        ByteBuffer in = ByteBuffer.wrap(hello.clone());
        int at = 5 + 4 + 2 + 32;
        at += 1 + in.get(at); // the session
        at += 2 + in.getShort(at); // the cipher suites
        at += 1 + in.get(at); // the compression methods
        at += 2;
        while (in.getShort(at) != 51) {
            at += 4 + in.getShort(at + 2);
        }
        int end = at + 4 + in.getShort(at + 2);
        for (int share = at + 6; share < end; share += 4 + in.getShort(share + 2)) {
            in.putShort(share, (short) (share == at + 6 ? 0x7F01 : 0x7F02));
        }
        return in.array();
    }
}
