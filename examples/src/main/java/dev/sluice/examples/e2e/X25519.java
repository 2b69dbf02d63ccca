// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** The function X25519 of RFC 7748 on keys as bytes; the arithmetic is the JDK's. */
final class X25519 {
    static final int KEY_BYTES = 32;

    private static final String NAME = "X25519";
    private static final byte[] BASE = new byte[KEY_BYTES];

    static {
        BASE[0] = 9; // section 4.1: the point of which public keys are multiples
    }

    // SubjectPublicKeyInfo of RFC 8410 up to the key's own bytes
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private X25519() {}

    static KeyPair generate() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(NAME).generateKeyPair();
    }

    /** The 32 bytes of a public key. */
    static byte[] bytes(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    }

    /** The 32 bytes of the public key that belongs to a private one. */
    static byte[] publicOf(PrivateKey key) throws GeneralSecurityException {
        return multiply(key, BASE);
    }

    /**
     * The secret that both sides come to.
     *
     * @throws E2eException if the other's key is one with which every secret is the same: all zeros
     */
    static byte[] agree(PrivateKey own, byte[] others) throws E2eException, GeneralSecurityException {
        byte[] secret;
        try {
            secret = multiply(own, others);
        } catch (InvalidKeyException e) { // the JDK refuses points of small order
            throw new E2eException(E2eFailure.WEAK_KEY, "the peer's key is one that gives everybody the same secret");
        }
        int any = 0;
        for (byte b : secret) {
            any |= b; // all of them, so that the time tells nothing
        }
        if (any == 0) {
            throw new E2eException(E2eFailure.WEAK_KEY, "the peer's key is one that gives everybody the same secret");
        }
        return secret;
    }

    private static byte[] multiply(PrivateKey scalar, byte[] point) throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + KEY_BYTES);
        System.arraycopy(point, 0, encoded, PREFIX.length, KEY_BYTES);
        KeyAgreement agreement = KeyAgreement.getInstance(NAME);
        agreement.init(scalar);
        agreement.doPhase(KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded)), true);
        return agreement.generateSecret();
    }
}
