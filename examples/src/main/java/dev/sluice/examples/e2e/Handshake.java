// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Arrays;

/**
 * The handshake NX of the Noise Protocol Framework: two messages, of which the second proves that the server has the private key of
 * the public one it shows.
 *
 * <pre>
 *   client → server    e                 a public key made for this connection
 *   server → client    e, ee, s, es      another such; the server's own key and its note, sealed
 * </pre>
 *
 * <p>{@code ee} is the secret of both keys that were made for the connection and are forgotten after it: who gets the server's own key
 * later can't open what was recorded. {@code es} is that of the client's and the server's own: nobody else comes to it. One thread.
 */
final class Handshake {
    private static final String NAME = "Noise_NX_25519_AESGCM_SHA256";
    private static final byte[] PROLOGUE = "sluice e2e 1".getBytes(StandardCharsets.US_ASCII);
    private static final int SEALED_KEY_BYTES = X25519.KEY_BYTES + RecordKey.TAG_BYTES;

    private final Transcript transcript;
    private final KeyPair ephemeral;

    /** With keys of one's own for this connection: a client's or a server's. */
    Handshake() throws GeneralSecurityException {
        this(X25519.generate(), PROLOGUE);
    }

    /** For tests, which repeat what was computed elsewhere. */
    Handshake(KeyPair ephemeral, byte[] prologue) throws GeneralSecurityException {
        this.ephemeral = ephemeral;
        this.transcript = new Transcript(NAME, prologue);
    }

    // ---- client

    /** The first message. */
    byte[] hello() {
        byte[] hello = X25519.bytes(ephemeral.getPublic());
        transcript.add(hello);
        transcript.add(new byte[0]); // Noise lets each message have contents; this one has none
        return hello;
    }

    /** Reads the second message; then both have the same keys, and the client knows with whom. */
    void answered(byte[] answer, Trust trust) throws E2eException, GeneralSecurityException {
        if (answer.length < X25519.KEY_BYTES + SEALED_KEY_BYTES + RecordKey.TAG_BYTES) {
            throw malformed("the server's answer", answer);
        }
        byte[] theirs = Arrays.copyOf(answer, X25519.KEY_BYTES);
        transcript.add(theirs);
        transcript.agreed(X25519.agree(ephemeral.getPrivate(), theirs)); // ee
        int end = X25519.KEY_BYTES + SEALED_KEY_BYTES;
        byte[] serverKey = transcript.open(Arrays.copyOfRange(answer, X25519.KEY_BYTES, end)); // s
        transcript.agreed(X25519.agree(ephemeral.getPrivate(), serverKey)); // es
        byte[] note = transcript.open(Arrays.copyOfRange(answer, end, answer.length)); // it has the private key
        trust.check(serverKey, note); // and is the one that is meant
    }

    // ---- server

    /** Reads the first message and gives the second. */
    byte[] answer(byte[] hello, ServerKey own) throws E2eException, GeneralSecurityException {
        if (hello.length != X25519.KEY_BYTES) {
            throw malformed("the client's hello", hello);
        }
        transcript.add(hello);
        transcript.add(new byte[0]);
        byte[] mine = X25519.bytes(ephemeral.getPublic());
        transcript.add(mine);
        transcript.agreed(X25519.agree(ephemeral.getPrivate(), hello)); // ee
        byte[] serverKey = transcript.seal(own.publicKey()); // s
        transcript.agreed(X25519.agree(own.privateKey, hello)); // es
        byte[] note = transcript.seal(own.note);
        byte[] answer = Arrays.copyOf(mine, X25519.KEY_BYTES + SEALED_KEY_BYTES + note.length);
        System.arraycopy(serverKey, 0, answer, X25519.KEY_BYTES, SEALED_KEY_BYTES);
        System.arraycopy(note, 0, answer, X25519.KEY_BYTES + SEALED_KEY_BYTES, note.length);
        return answer;
    }

    // ---- both, at the end

    /** The keys for what the client sends, and for what the server sends. */
    RecordKey[] keys(long recordsPerKey) throws GeneralSecurityException {
        return transcript.split(recordsPerKey);
    }

    byte[] hash() {
        return transcript.hash();
    }

    private static E2eException malformed(String what, byte[] message) {
        return new E2eException(E2eFailure.BAD_HANDSHAKE, what + " can't have " + message.length + " bytes");
    }
}
