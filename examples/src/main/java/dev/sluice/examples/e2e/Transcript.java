// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What both sides know of a handshake: a hash of all that was sent, and a key of all secrets that were agreed on: {@code
 * SymmetricState} of Noise, section 5.2. Each message from the first secret on is sealed together with the hash so far, so that it
 * opens only where both sides have seen the same bytes. One thread at a time.
 */
final class Transcript {
    private static final byte[] NOTHING = {};

    private final MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    private byte[] hash;
    private byte[] chainingKey;
    private RecordKey key; // null until there is a secret

    /**
     * Begins.
     *
     * @param name of the protocol, 32 characters at most
     * @param prologue what both sides know already
     */
    Transcript(String name, byte[] prologue) throws GeneralSecurityException {
        hash = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), Hkdf.HASH_BYTES);
        chainingKey = hash;
        add(prologue);
    }

    /** MixHash: these bytes were sent. */
    void add(byte[] sent) {
        sha256.update(hash);
        hash = sha256.digest(sent);
    }

    /** MixKey: this secret was agreed on. */
    void agreed(byte[] secret) throws GeneralSecurityException {
        byte[][] keys = Hkdf.two(chainingKey, secret);
        chainingKey = keys[0];
        key = new RecordKey(keys[1], RecordKey.RECORDS_PER_KEY);
    }

    /** EncryptAndHash. Before there is a secret, it is sent as it is. */
    byte[] seal(byte[] plain) throws GeneralSecurityException {
        byte[] sent = key == null ? plain : key.seal(plain, hash);
        add(sent);
        return sent;
    }

    /** DecryptAndHash. */
    byte[] open(byte[] sent) throws E2eException, GeneralSecurityException {
        byte[] plain = key == null ? sent : key.open(sent, hash);
        add(sent);
        return plain;
    }

    /** Split: the keys for what the client sends, and for what the server sends. */
    RecordKey[] split(long recordsPerKey) throws GeneralSecurityException {
        byte[][] keys = Hkdf.two(chainingKey, NOTHING);
        return new RecordKey[] {new RecordKey(keys[0], recordsPerKey), new RecordKey(keys[1], recordsPerKey)};
    }

    /** The hash of all that was sent, the same at both ends and of no other connection. */
    byte[] hash() {
        return hash.clone();
    }
}
