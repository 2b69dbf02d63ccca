// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869): makes keys of a secret that isn't evenly distributed. The JDK has none before 25. */
final class Hkdf {
    static final int HASH_BYTES = 32;

    private static final String HMAC = "HmacSHA256";

    private Hkdf() {}

    /** HKDF-Extract, section 2.2. An empty salt is one of zeros. */
    static byte[] extract(byte[] salt, byte[] secret) throws GeneralSecurityException {
        return mac(salt.length == 0 ? new byte[HASH_BYTES] : salt).doFinal(secret);
    }

    /**
     * HKDF-Expand, section 2.3.
     *
     * @param length how many bytes, 1 to 8,160
     */
    static byte[] expand(byte[] key, byte[] info, int length) throws GeneralSecurityException {
        if (length < 1 || length > 255 * HASH_BYTES) {
            throw new IllegalArgumentException("length: " + length + " is not within 1 to 8160");
        }
        Mac mac = mac(key);
        byte[] all = new byte[length];
        byte[] block = {};
        for (int at = 0, number = 1; at < length; at += HASH_BYTES, number++) {
            mac.update(block);
            mac.update(info);
            block = mac.doFinal(new byte[] {(byte) number});
            System.arraycopy(block, 0, all, at, Math.min(HASH_BYTES, length - at));
        }
        return all;
    }

    /** Two keys of a chaining key and a secret, as Noise takes them: section 4.3 there, with no info. */
    static byte[][] two(byte[] chainingKey, byte[] secret) throws GeneralSecurityException {
        byte[] both = expand(extract(chainingKey, secret), new byte[0], 2 * HASH_BYTES);
        return new byte[][] {Arrays.copyOf(both, HASH_BYTES), Arrays.copyOfRange(both, HASH_BYTES, 2 * HASH_BYTES)};
    }

    private static Mac mac(byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return mac;
    }
}
