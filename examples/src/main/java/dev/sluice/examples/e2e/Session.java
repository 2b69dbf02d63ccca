// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/**
 * The state of one side of one connection: a handshake, then two keys. A record is its length in two bytes, the most significant
 * first, and so many bytes. Sealed in it is a message, a byte that tells its kind, and zeros up to a multiple of 64, so that the
 * length tells little. What arrives is the Reader's; what is sent may be any one thread's.
 */
final class Session {
    /** Most bytes of a message. */
    static final int MESSAGE_BYTES = 16 * 1024;

    static final int LENGTH_BYTES = 2;

    private static final int STEP_BYTES = 64;

    /** Most bytes of a record behind its length. */
    static final int RECORD_BYTES = MESSAGE_BYTES + STEP_BYTES + RecordKey.TAG_BYTES;

    private static final byte MESSAGE = 1;
    private static final byte LAST = 2;

    private final ServerKey own; // a server's
    private final Trust trust; // a client's
    private final long recordsPerKey;
    private Handshake handshake; // null when it is over
    private byte[] hash;
    private RecordKey receiving;
    private boolean receivedLast;
    private RecordKey sending;
    private boolean sentLast;

    private Session(ServerKey own, Trust trust, long recordsPerKey) throws GeneralSecurityException {
        this.own = own;
        this.trust = trust;
        this.recordsPerKey = recordsPerKey;
        this.handshake = new Handshake();
    }

    static Session ofServer(ServerKey own, long recordsPerKey) throws GeneralSecurityException {
        return new Session(own, null, recordsPerKey);
    }

    static Session ofClient(Trust trust, long recordsPerKey) throws GeneralSecurityException {
        return new Session(null, trust, recordsPerKey);
    }

    /** What the client begins with. */
    byte[] hello() {
        return framed(handshake.hello());
    }

    // ---- what arrives

    /** Reads a record without its length. */
    Opened read(byte[] record) throws E2eException, GeneralSecurityException {
        if (receivedLast) {
            throw new E2eException(E2eFailure.AFTER_LAST, "a record behind the last one");
        }
        if (handshake != null) {
            return new Opened(Opened.Kind.READY, shakeHands(record));
        }
        byte[] plain = receiving.open(record);
        int end = plain.length - 1;
        while (end >= 0 && plain[end] == 0) {
            end--;
        }
        byte kind = end < 0 ? 0 : plain[end];
        if (end > MESSAGE_BYTES || kind != MESSAGE && (kind != LAST || end != 0)) {
            throw new E2eException(E2eFailure.BAD_RECORD, "a record of no kind that there is");
        }
        receivedLast = kind == LAST;
        return new Opened(receivedLast ? Opened.Kind.LAST : Opened.Kind.MESSAGE, Arrays.copyOf(plain, end));
    }

    private byte[] shakeHands(byte[] record) throws E2eException, GeneralSecurityException {
        byte[] answer = {};
        if (own == null) {
            handshake.answered(record, trust);
        } else {
            answer = framed(handshake.answer(record, own));
        }
        RecordKey[] keys = handshake.keys(recordsPerKey);
        sending = keys[own == null ? 0 : 1];
        receiving = keys[own == null ? 1 : 0];
        hash = handshake.hash();
        handshake = null; // with the private key that was made for this connection
        return answer;
    }

    /** The peer's stream has ended. */
    void ended() throws E2eException {
        if (!receivedLast) {
            throw new E2eException(E2eFailure.TRUNCATED, "the stream ended without its last record");
        }
    }

    // ---- what is sent

    /** Seals a message from position to limit. */
    byte[] seal(ByteBuffer message) throws GeneralSecurityException {
        if (message.remaining() > MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "message: " + message.remaining() + " bytes are not within 0 to " + MESSAGE_BYTES);
        }
        return sealed(message, MESSAGE);
    }

    /** Seals the last record, once. */
    byte[] sealLast() throws GeneralSecurityException {
        byte[] record = sealed(ByteBuffer.allocate(0), LAST);
        sentLast = true;
        return record;
    }

    private byte[] sealed(ByteBuffer message, byte kind) throws GeneralSecurityException {
        if (sending == null || sentLast) {
            throw new IllegalStateException(sending == null ? "the handshake isn't over" : "the last record was sent");
        }
        int length = message.remaining();
        byte[] plain = new byte[(length + 1 + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES];
        message.get(message.position(), plain, 0, length);
        plain[length] = kind;
        return framed(sending.seal(plain));
    }

    private static byte[] framed(byte[] record) {
        return ByteBuffer.allocate(LENGTH_BYTES + record.length)
                .putShort((short) record.length)
                .put(record)
                .array();
    }

    /** The hash of the handshake, which is over. */
    byte[] hash() {
        return hash.clone();
    }
}
