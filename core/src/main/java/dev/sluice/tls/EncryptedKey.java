// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * PKCS#8 that is encrypted by PBES2 (RFC 8018, section 6.2): PBKDF2 with any SHA, and AES or Triple DES in CBC, which is what
 * tools write today. The JDK's own reader of it takes no password but ASCII, and any number of rounds.
 */
final class EncryptedKey {
    private static final int MOST_ROUNDS = 10_000_000; // some seconds
    private static final String PBES2 = "1.2.840.113549.1.5.13";
    private static final String PBKDF2 = "1.2.840.113549.1.5.12";
    private static final String SCRYPT = "1.3.6.1.4.1.11591.4.11";
    private static final String HMAC_SHA_1 = "1.2.840.113549.2.7";
    private static final Map<String, String> HASHES = Map.of(
            HMAC_SHA_1,
            "PBKDF2WithHmacSHA1",
            "1.2.840.113549.2.8",
            "PBKDF2WithHmacSHA224",
            "1.2.840.113549.2.9",
            "PBKDF2WithHmacSHA256",
            "1.2.840.113549.2.10",
            "PBKDF2WithHmacSHA384",
            "1.2.840.113549.2.11",
            "PBKDF2WithHmacSHA512");
    private static final Map<String, CipherOf> CIPHERS = Map.of(
            "2.16.840.1.101.3.4.1.2", new CipherOf("AES", 16, 16),
            "2.16.840.1.101.3.4.1.22", new CipherOf("AES", 24, 16),
            "2.16.840.1.101.3.4.1.42", new CipherOf("AES", 32, 16),
            "1.2.840.113549.3.7", new CipherOf("DESede", 24, 8));

    private record CipherOf(String name, int keyBytes, int blockBytes) {}

    private EncryptedKey() {}

    /** Returns the PKCS#8 inside. */
    static byte[] decrypt(byte[] der, char[] password) throws Flaw {
        Der info = Der.sequence(der);
        Der scheme = info.enter(Der.SEQUENCE);
        byte[] encrypted = info.take(Der.OCTETS);
        known(scheme.oid(), PBES2);
        Der parameters = scheme.enter(Der.SEQUENCE);
        Der derivation = parameters.enter(Der.SEQUENCE);
        Der encryption = parameters.enter(Der.SEQUENCE);
        String derivationName = derivation.oid();
        if (derivationName.equals(SCRYPT)) {
            throw new Flaw("the key is encrypted by scrypt, which the JDK lacks; " + remedy());
        }
        known(derivationName, PBKDF2);
        String cipherName = encryption.oid();
        CipherOf cipher = CIPHERS.get(cipherName);
        if (cipher == null) {
            throw unknown(cipherName);
        }
        byte[] iv = encryption.take(Der.OCTETS);
        if (iv.length != cipher.blockBytes) {
            throw new Flaw("the encrypted key is damaged");
        }
        return decrypt(cipher, iv, encrypted, derivation.enter(Der.SEQUENCE), password);
    }

    private static byte[] decrypt(CipherOf cipher, byte[] iv, byte[] encrypted, Der derivation, char[] password)
            throws Flaw {
        byte[] salt = derivation.take(Der.OCTETS);
        int rounds = derivation.number();
        if (derivation.isNext(Der.INTEGER)) {
            derivation.number(); // the key's length, which the cipher says as well
        }
        String hashName =
                derivation.isNext(Der.SEQUENCE) ? derivation.enter(Der.SEQUENCE).oid() : HMAC_SHA_1;
        String hash = HASHES.get(hashName);
        if (hash == null) {
            throw unknown(hashName);
        }
        if (salt.length == 0 || rounds < 1 || rounds > MOST_ROUNDS) {
            throw new Flaw("the key's encryption has " + rounds + " rounds and " + salt.length + " bytes of salt; 1 to "
                    + MOST_ROUNDS + " rounds are taken, and some salt");
        }
        if (password.length == 0) {
            throw new Flaw("wrong password: an empty one");
        }
        PBEKeySpec spec = new PBEKeySpec(password, salt, rounds, cipher.keyBytes * 8);
        try {
            byte[] key = SecretKeyFactory.getInstance(hash).generateSecret(spec).getEncoded();
            SecretKey secret = new SecretKeySpec(key, cipher.name);
            Arrays.fill(key, (byte) 0);
            Cipher opened = Cipher.getInstance(cipher.name + "/CBC/PKCS5Padding");
            opened.init(Cipher.DECRYPT_MODE, secret, new IvParameterSpec(iv));
            return opened.doFinal(encrypted);
        } catch (GeneralSecurityException e) {
            throw new Flaw("wrong password, or the encrypted key is damaged", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static void known(String name, String only) throws Flaw {
        if (!name.equals(only)) {
            throw unknown(name);
        }
    }

    private static Flaw unknown(String name) {
        return new Flaw("the key is encrypted by " + name + ", which isn't read; " + remedy());
    }

    static String remedy() {
        return "this makes one that is: openssl pkcs8 -topk8 -v2 aes256 -in KEY -out NEW";
    }
}
