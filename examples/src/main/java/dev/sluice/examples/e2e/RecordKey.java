// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of AES-256-GCM for one direction, and the number of the next record, which is its nonce: {@code CipherState} of Noise. No
 * number is used twice with a key. After so many records the key is replaced by one that is made of it (section 11.3 of Noise), from
 * which the old one can't be found; the numbers go on. One thread at a time.
 */
final class RecordKey {
    /** RFC 8446, section 5.5, allows 2^24.5 full records; this is far below. */
    static final long RECORDS_PER_KEY = 1 << 20;

    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;
    private static final byte[] NOTHING = {};

    private final Cipher cipher;
    private final long recordsPerKey;
    private SecretKeySpec key;
    private long next;

    RecordKey(byte[] key, long recordsPerKey) throws GeneralSecurityException {
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        this.key = new SecretKeySpec(key, "AES");
        this.recordsPerKey = recordsPerKey;
    }

    /** Encrypts and authenticates; {@code beside} is authenticated only. */
    byte[] seal(byte[] plain, byte[] beside) throws GeneralSecurityException {
        start(Cipher.ENCRYPT_MODE, next, beside);
        byte[] sealed = cipher.doFinal(plain);
        countOne();
        return sealed;
    }

    byte[] seal(byte[] plain) throws GeneralSecurityException {
        return seal(plain, NOTHING);
    }

    /**
     * Opens what the other side has sealed as its record of this number.
     *
     * @throws E2eException if it hasn't
     */
    byte[] open(byte[] sealed, byte[] beside) throws E2eException, GeneralSecurityException {
        if (sealed.length < TAG_BYTES) {
            throw notAuthentic();
        }
        start(Cipher.DECRYPT_MODE, next, beside);
        byte[] plain;
        try {
            plain = cipher.doFinal(sealed); // compares the tag in constant time, and gives nothing out before
        } catch (AEADBadTagException e) {
            throw notAuthentic();
        }
        countOne();
        return plain;
    }

    byte[] open(byte[] sealed) throws E2eException, GeneralSecurityException {
        return open(sealed, NOTHING);
    }

    /** How many were sealed, or opened. */
    long records() {
        return next;
    }

    private E2eException notAuthentic() {
        return new E2eException(
                E2eFailure.NOT_AUTHENTIC,
                "record " + next + " was changed, left out, repeated or moved, or isn't of this connection,");
    }

    private void countOne() throws GeneralSecurityException {
        next = Math.incrementExact(next); // 2^63 records never come
        if (next % recordsPerKey == 0) {
            start(Cipher.ENCRYPT_MODE, -1, NOTHING); // 2^64 - 1 is no record's number
            byte[] replacement = Arrays.copyOf(cipher.doFinal(new byte[Hkdf.HASH_BYTES]), Hkdf.HASH_BYTES);
            key = new SecretKeySpec(replacement, "AES");
        }
    }

    private void start(int mode, long number, byte[] beside) throws GeneralSecurityException {
        byte[] nonce =
                ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(number).array();
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD(beside);
    }
}
