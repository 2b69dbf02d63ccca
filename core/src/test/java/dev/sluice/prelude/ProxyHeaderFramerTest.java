// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.frame.FrameException.Kind.MALFORMED;
import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static dev.sluice.prelude.ProxyBytes.IPV4;
import static dev.sluice.prelude.ProxyBytes.IPV6;
import static dev.sluice.prelude.ProxyBytes.ascii;
import static dev.sluice.prelude.ProxyBytes.join;
import static dev.sluice.prelude.ProxyBytes.tlv;
import static dev.sluice.prelude.ProxyBytes.unix;
import static dev.sluice.prelude.ProxyBytes.v2;
import static dev.sluice.prelude.ProxyBytes.v2OfLength;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import dev.sluice.testing.FramerContract;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProxyHeaderFramerTest {
    private static final byte[] LINE4 = ascii("PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n");
    private static final byte[] LINE6 = ascii("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.2 0 65535\r\n");
    private static final byte[] UNKNOWN = ascii("PROXY UNKNOWN a\0b\r\n");
    private static final byte[] BLOCK4 = v2(0x21, 0x11, IPV4, tlv(1, ascii("h2")), tlv(0xE0), tlv(4, ascii("xyz")));

    @Test
    void keepsTheContract() {
        String from4 = "V1 PROXY INET STREAM 192.0.2.1:1111 192.0.2.2:2222 []";
        String block4 = "V2 PROXY INET STREAM 192.0.2.1:1111 192.0.2.2:2222 [0x01(2 bytes), 0xe0(0 bytes)]";
        String unknown = "V1 PROXY UNSPEC UNSPEC - - []";
        String local = "V2 LOCAL UNSPEC UNSPEC - - []";
        FramerContract.of(ProxyHeaderFramer::new, ProxyHeader::toString)
                .maxFrameBytes(536)
                .accepts("")
                .accepts(join(LINE4, BLOCK4), from4, block4)
                .accepts(join(LINE6, LINE4), "V1 PROXY INET6 STREAM [2001:db8::1]:0 192.0.2.2:65535 []", from4)
                .accepts(join(UNKNOWN, ascii("PROXY UNKNOWN\r\n")), unknown, unknown)
                .accepts(join(v2(0x20, 0x99, ascii("any")), v2(0x20, 0)), local, local)
                .accepts(
                        join(v2(0x21, 0x22, IPV6), v2(0x21, 0x32, unix("/tmp/x", ""))),
                        "V2 PROXY INET6 DGRAM [2001:db8::1]:1111 [2001:db8::2]:2222 []",
                        "V2 PROXY UNIX DGRAM unix:/tmp/x unix: []")
                .accepts(v2(0x21, 0x11, IPV4, tlv(0xE0, new byte[536 - 16 - 12 - 3])), block(505))
                .rejects(join(LINE4, ascii("PROXY TCP5 ")), MALFORMED, from4)
                .rejects(join(LINE4, ascii("GET ")), MALFORMED, from4)
                .rejects(ascii("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rx"), MALFORMED)
                .rejects(ascii("PROXY UNKNOWN x\nPROXY"), MALFORMED)
                .rejects(ascii("PROXY UNKNOWN" + "x".repeat(200)), MALFORMED)
                .rejects(ascii("PROXY UNKNOWN " + "x".repeat(93)), TOO_LONG)
                .rejects(v2OfLength(0x21, 0x11, 521, new byte[20]), TOO_LONG)
                .rejects(v2OfLength(0x20, 0x11, 65535, new byte[20]), TOO_LONG)
                .rejects(v2(0x21, 0x21, IPV4), MALFORMED)
                .rejects(v2(0x21, 0x11, IPV4, tlv(1, ascii("a")), tlv(1, ascii("a"))), MALFORMED)
                .rejects(v2OfLength(0x21, 0x11, 13, IPV4), TRUNCATED)
                .rejects(join(BLOCK4, ascii("\r\n\r\n")), TRUNCATED, block4)
                .rejects(join(LINE4, ascii("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r")), TRUNCATED, from4)
                .check();
    }

    private static String block(int bytes) {
        return "V2 PROXY INET STREAM 192.0.2.1:1111 192.0.2.2:2222 [0xe0(" + bytes + " bytes)]";
    }

    @Test
    void refusesWhatBeginsNoHeaderAtItsFirstByte() {
        for (int b = 0; b < 256; b++) {
            if (b != 'P' && b != '\r') {
                byte[] first = {(byte) b};
                assertEquals(
                        "neither version of the PROXY protocol begins so at offset 0 of the frame",
                        refusal(new ProxyHeaderFramer(536), first).getMessage());
            }
        }
    }

    @Test
    void refusesTheVersionThatIsNotAcceptedAtItsFirstByte() throws FrameException {
        assertEquals(
                "version 2 of the PROXY protocol is not accepted",
                refusal(new ProxyHeaderFramer(536, Set.of(ProxyVersion.V1)), ascii("\r"))
                        .what());
        assertEquals(
                "version 1 of the PROXY protocol is not accepted",
                refusal(new ProxyHeaderFramer(536, Set.of(ProxyVersion.V2)), ascii("P"))
                        .what());
        assertEquals(
                ProxyVersion.V1,
                new ProxyHeaderFramer(536, Set.of(ProxyVersion.V1))
                        .next(ByteBuffer.wrap(LINE4))
                        .version());
        assertEquals(
                ProxyVersion.V2,
                new ProxyHeaderFramer(536, Set.of(ProxyVersion.V2))
                        .next(ByteBuffer.wrap(BLOCK4))
                        .version());
    }

    @Test
    void refusesAtTheFirstByteThatCannotBelong() {
        assertEquals(11, refusedAfter("PROXY TCP4 x"));
        assertEquals(26, refusedAfter("PROXY TCP4 255.255.255.2550"));
        assertEquals(16, refusedAfter("PROXY TCP4 1.2.3 "));
        assertEquals(34, refusedAfter("PROXY TCP4 1.2.3.4 1.2.3.4 12 70000"));
        assertEquals(12, refusedAfter("PROXY UNKNOWS"));
        assertEquals(11, refusedAfter("\r\n\r\n\0\r\nQUITX"));
        assertEquals(12, refusedAfter("\r\n\r\n\0\r\nQUIT\n\u0011\0\0\0"));
    }

    /** The index of the byte at which a stream is refused that is shown byte by byte. */
    private static int refusedAfter(String stream) {
        ProxyHeaderFramer framer = new ProxyHeaderFramer(536);
        byte[] bytes = ascii(stream);
        for (int end = 1; end <= bytes.length; end++) {
            try {
                framer.next(ByteBuffer.wrap(bytes, 0, end));
            } catch (FrameException e) {
                return end - 1;
            }
        }
        return -1;
    }

    @Test
    void refusesSettingsOutOfRange() {
        assertEquals(
                "maxHeaderBytes is 535, must be 536 or more",
                assertThrows(IllegalArgumentException.class, () -> new ProxyHeaderFramer(535))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new ProxyHeaderFramer(536, Set.of()));
    }

    private static FrameException refusal(ProxyHeaderFramer framer, byte[] stream) {
        return assertThrows(FrameException.class, () -> framer.next(ByteBuffer.wrap(stream)));
    }
}
