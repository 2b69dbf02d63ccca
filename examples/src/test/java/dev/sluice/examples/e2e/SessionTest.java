// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Both ends without a socket between: what is noticed, and by which name. */
final class SessionTest {
    private static final Instant NOW = Instant.parse("2026-11-29T00:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static void assertNoticed(E2eFailure failure, Executable what) {
        FrameException noticed = assertThrows(FrameException.class, what);
        assertEquals(failure, noticed.about(), noticed::getMessage);
    }

    private static void assertRefused(E2eFailure failure, Executable what) {
        E2eException refused = assertThrows(E2eException.class, what);
        assertEquals(failure, refused.failure(), refused::getMessage);
    }

    // ---- whom a client believes

    @Test
    void anotherKeyThanThePinnedOneIsNoticed() throws Exception {
        TwoEnds ends = TwoEnds.apart(Trust.pinned(ServerKey.generate().publicKey()), TwoEnds.KEY);
        assertRefused(E2eFailure.WRONG_SERVER_KEY, ends::shakeHands);
    }

    @Test
    void aSignedKeyIsBelieved() throws Exception {
        KeyPair authority = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] note = KeyNote.sign(authority.getPrivate(), "vault", TwoEnds.KEY.publicKey(), NOW.plusSeconds(1));
        Trust trust = Trust.signedBy(authority.getPublic(), "vault", CLOCK);
        TwoEnds ends = TwoEnds.apart(trust, TwoEnds.KEY.withNote(note));
        ends.shakeHands();
        assertArrayEquals(ends.client.hash(), ends.server.hash());
    }

    @Test
    void aNoteByAnotherAuthorityAboutAnotherKeyOrServerOrTooOldIsNoticed() throws Exception {
        KeyPair authority = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair another = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] key = TwoEnds.KEY.publicKey();
        byte[] good = KeyNote.sign(authority.getPrivate(), "vault", key, NOW.plusSeconds(1));
        Trust trust = Trust.signedBy(authority.getPublic(), "vault", CLOCK);
        List<byte[]> notes = new ArrayList<>(List.of(
                KeyNote.sign(another.getPrivate(), "vault", key, NOW.plusSeconds(1)),
                KeyNote.sign(
                        authority.getPrivate(), "vault", ServerKey.generate().publicKey(), NOW.plusSeconds(1)),
                KeyNote.sign(authority.getPrivate(), "mail", key, NOW.plusSeconds(1)),
                KeyNote.sign(authority.getPrivate(), "vault", key, NOW),
                Arrays.copyOf(good, good.length + 1)));
        for (int length = 0; length < good.length; length++) {
            notes.add(Arrays.copyOf(good, length));
        }
        for (int i = 0; i < good.length; i++) {
            byte[] changed = good.clone();
            changed[i] ^= 1;
            notes.add(changed);
        }
        for (byte[] note : notes) {
            assertRefused(E2eFailure.BAD_NOTE, () -> TwoEnds.apart(trust, TwoEnds.KEY.withNote(note))
                    .shakeHands());
        }
    }

    // ---- the handshake

    @Test
    void anyChangedByteOfTheHandshakeIsNoticed() throws Exception {
        int length = TwoEnds.apart(Trust.pinned(TwoEnds.KEY.publicKey()), TwoEnds.KEY)
                .server
                .read(X25519.bytes(X25519.generate().getPublic()))
                .bytes()
                .length;
        for (int i = 0; i < X25519.KEY_BYTES + length - Session.LENGTH_BYTES; i++) {
            TwoEnds ends = TwoEnds.apart(Trust.pinned(TwoEnds.KEY.publicKey()), TwoEnds.KEY);
            byte[] hello = TwoEnds.withoutLength(ends.client.hello());
            if (i < hello.length) {
                hello[i] ^= 1;
            }
            byte[] answer = TwoEnds.withoutLength(ends.server.read(hello).bytes());
            if (i >= hello.length) {
                answer[i - hello.length] ^= 1;
            }
            assertRefused(E2eFailure.NOT_AUTHENTIC, () -> ends.client.read(answer));
        }
    }

    @Test
    void aHandshakeOfAnotherLengthIsNoticed() throws Exception {
        for (int length : new int[] {0, 31, 33, 1000}) {
            TwoEnds ends = TwoEnds.apart(Trust.pinned(TwoEnds.KEY.publicKey()), TwoEnds.KEY);
            assertRefused(E2eFailure.BAD_HANDSHAKE, () -> ends.server.read(new byte[length]));
            if (length < 100) {
                assertRefused(E2eFailure.BAD_HANDSHAKE, () -> ends.client.read(new byte[length]));
            }
        }
    }

    /** What was recorded can't be played to the server again: its key for the connection is another one. */
    @Test
    void aRecordedConnectionPlayedAgainIsNoticed() throws Exception {
        TwoEnds ends = TwoEnds.apart(Trust.pinned(TwoEnds.KEY.publicKey()), TwoEnds.KEY);
        byte[] hello = ends.client.hello();
        ends.client.read(TwoEnds.withoutLength(
                ends.server.read(TwoEnds.withoutLength(hello)).bytes()));
        byte[] order = ends.client.seal(ascii("pay 100"));
        assertEquals(
                "pay 100",
                new String(ends.server.read(TwoEnds.withoutLength(order)).bytes(), US_ASCII));
        Session again = Session.ofServer(TwoEnds.KEY, 100);
        again.read(TwoEnds.withoutLength(hello));
        assertRefused(E2eFailure.NOT_AUTHENTIC, () -> again.read(TwoEnds.withoutLength(order)));
    }

    @Test
    void nothingIsSentBeforeTheHandshakeIsOverNorBehindTheLastRecord() throws Exception {
        TwoEnds apart = TwoEnds.apart(Trust.pinned(TwoEnds.KEY.publicKey()), TwoEnds.KEY);
        assertThrows(IllegalStateException.class, () -> apart.client.seal(ascii("early")));
        TwoEnds ends = TwoEnds.ready(100);
        ends.client.sealLast();
        assertThrows(IllegalStateException.class, () -> ends.client.seal(ascii("late")));
        assertThrows(IllegalStateException.class, ends.client::sealLast);
    }

    // ---- records

    private static List<byte[]> records(TwoEnds ends, int messages) throws Exception {
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            records.add(ends.client.seal(ascii("message " + i)));
        }
        records.add(ends.client.sealLast());
        return records;
    }

    @Test
    void whatArrivesIsWhatWasSent() throws Exception {
        TwoEnds ends = TwoEnds.ready(2);
        List<Opened> opened = TwoEnds.read(ends.server, TwoEnds.join(records(ends, 5)));
        assertEquals(6, opened.size());
        for (int i = 0; i < 5; i++) {
            assertEquals("message " + i, new String(opened.get(i).bytes(), US_ASCII));
        }
        assertEquals(Opened.Kind.LAST, opened.get(5).kind());
    }

    @Test
    void aRecordLeftOutRepeatedMovedOrOfTheOtherDirectionIsNoticed() throws Exception {
        for (int what = 0; what < 4; what++) {
            TwoEnds ends = TwoEnds.ready(100);
            List<byte[]> records = records(ends, 3);
            switch (what) {
                case 0 -> records.remove(1);
                case 1 -> records.add(1, records.get(0));
                case 2 -> Collections.swap(records, 1, 2);
                default -> records.set(1, ends.server.seal(ascii("message 1")));
            }
            assertNoticed(E2eFailure.NOT_AUTHENTIC, () -> TwoEnds.read(ends.server, TwoEnds.join(records)));
        }
    }

    @Test
    void aStreamCutAnywhereIsNoticed() throws Exception {
        TwoEnds sender = TwoEnds.ready(100);
        int all = TwoEnds.join(records(sender, 3)).length;
        for (int length = 0; length < all; length++) {
            TwoEnds ends = TwoEnds.ready(100);
            byte[] cut = Arrays.copyOf(TwoEnds.join(records(ends, 3)), length);
            assertNoticed(E2eFailure.TRUNCATED, () -> TwoEnds.read(ends.server, cut));
        }
    }

    @Test
    void whateverComesBehindTheLastRecordIsNoticed() throws Exception {
        TwoEnds ends = TwoEnds.ready(100);
        List<byte[]> records = records(ends, 1);
        records.add(records.get(0));
        assertNoticed(E2eFailure.AFTER_LAST, () -> TwoEnds.read(ends.server, TwoEnds.join(records)));
    }

    @Test
    void aLengthAboveTheLimitIsNoticedBeforeAnythingIsCollected() throws Exception {
        TwoEnds ends = TwoEnds.ready(100);
        assertNoticed(E2eFailure.TOO_LONG, () -> TwoEnds.read(ends.server, new byte[] {0x40, 0x51}));
        assertNoticed(E2eFailure.NOT_AUTHENTIC, () -> TwoEnds.read(ends.server, new byte[] {0, 0}));
    }

    @Test
    void messagesHaveALimit() throws Exception {
        TwoEnds ends = TwoEnds.ready(100);
        byte[] largest = new byte[Session.MESSAGE_BYTES];
        byte[] record = ends.client.seal(ByteBuffer.wrap(largest));
        assertEquals(Session.LENGTH_BYTES + Session.RECORD_BYTES, record.length);
        assertArrayEquals(
                largest, ends.server.read(TwoEnds.withoutLength(record)).bytes());
        assertThrows(
                IllegalArgumentException.class, () -> ends.client.seal(ByteBuffer.allocate(Session.MESSAGE_BYTES + 1)));
    }

    /** All that a length tells is which multiple of 64 the message comes to, with one more byte. */
    @Test
    void messagesOfUpTo63BytesLookAlikeInLength() throws Exception {
        TwoEnds ends = TwoEnds.ready(100);
        int empty = ends.client.seal(ascii("")).length;
        assertEquals(2 + 64 + 16, empty);
        assertEquals(empty, ends.client.seal(ByteBuffer.allocate(63)).length);
        assertEquals(empty + 64, ends.client.seal(ByteBuffer.allocate(64)).length);
        assertEquals(empty, ends.client.sealLast().length);
    }

    @Test
    void theSameMessageNeverLooksTheSame() throws Exception {
        TwoEnds ends = TwoEnds.ready(2);
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String record = Arrays.toString(ends.client.seal(ascii("again")));
            assertFalse(seen.contains(record));
            seen.add(record);
        }
    }

    /** The peer has the key, and still doesn't keep to the form. */
    @Test
    void aSealedRecordOfNoKindIsNoticed() throws Exception {
        for (byte[] plain : new byte[][] {{}, new byte[64], {3}, {'x', 2}, new byte[Session.MESSAGE_BYTES + 32]}) {
            if (plain.length > Session.MESSAGE_BYTES) {
                plain[Session.MESSAGE_BYTES + 1] = 1;
            }
            Handshake handshake = new Handshake();
            Session server = Session.ofServer(TwoEnds.KEY, 100);
            byte[] answer = TwoEnds.withoutLength(server.read(handshake.hello()).bytes());
            handshake.answered(answer, Trust.pinned(TwoEnds.KEY.publicKey()));
            byte[] record = handshake.keys(100)[0].seal(plain);
            assertRefused(E2eFailure.BAD_RECORD, () -> server.read(record));
        }
    }
}
