// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Bytes that were damaged, or were never right: an identity comes of them, or a flaw with one line, and nothing else. */
class BrokenBytesProperties {
    private static final char[] PASSWORD = "sesame".toCharArray();
    private static final TestCertificate OWN =
            TestCa.create("Test CA").intermediate("Below").server("a.example");
    private static final byte[] PEM = (OWN.chainPem() + OWN.keyPem()).getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] STORE = OWN.pkcs12(PASSWORD);
    private static final byte[] LOCKED = locked(OWN.key().getEncoded());

    interface Reading {
        Object of(byte[] bytes) throws Flaw;
    }

    static Object pem(byte[] bytes) throws Flaw {
        Pem pem = Pem.read(bytes);
        List<X509Certificate> chain = Certificates.of(pem);
        var key = PrivateKeys.of(pem, PASSWORD);
        TlsIdentity.requireBelongs(key, chain, "it");
        return TlsIdentity.checked("it", key, chain);
    }

    static void requireFlawOrNothing(Reading reading, byte[] bytes) {
        try {
            reading.of(bytes);
        } catch (Flaw e) {
            assertEquals(1, e.getMessage().lines().count(), e::getMessage);
        }
    }

    private static byte[] block(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getEncoder().encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A chain that is in order, and what is to be its key. */
    static byte[] withChain(String label, byte[] der) {
        return concat(OWN.chainPem().getBytes(StandardCharsets.ISO_8859_1), block(label, der));
    }

    /** Bytes are changed, taken out, doubled, or cut off. */
    private static byte[] damaged(byte[] bytes, long seed, int times) {
        Random random = new Random(seed);
        byte[] all = bytes.clone();
        for (int i = 0; i < times && all.length > 0; i++) {
            int at = random.nextInt(all.length);
            switch (random.nextInt(6)) {
                case 0 -> all[at] ^= (byte) (1 << random.nextInt(8));
                case 1, 2 -> all[at] = (byte) random.nextInt(256);
                case 3 -> all[at] = new byte[] {0, 1, 0x30, -1, -128, 127}[random.nextInt(6)];
                case 4 -> all = concat(Arrays.copyOf(all, at), Arrays.copyOfRange(all, at + 1, all.length));
                default -> all = concat(Arrays.copyOf(all, at), Arrays.copyOfRange(all, at / 2, all.length));
            }
        }
        return all;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Property(tries = 2000)
    void damagedPem(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int times) {
        requireFlawOrNothing(BrokenBytesProperties::pem, damaged(PEM, seed, times));
    }

    @Property(tries = 2000)
    void damagedCertificates(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int times) throws Exception {
        byte[] der = damaged(OWN.chain().get(0).getEncoded(), seed, times);
        byte[] file = concat(block("CERTIFICATE", der), PEM);
        requireFlawOrNothing(BrokenBytesProperties::pem, file);
        requireFlawOrNothing(
                bytes -> {
                    for (X509Certificate certificate : Certificates.of(Pem.read(bytes))) {
                        HostNames.of(certificate);
                        Certificates.requireLength(certificate);
                    }
                    return null;
                },
                file);
    }

    @Property(tries = 2000)
    void damagedKeys(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int times) {
        byte[] der = damaged(OWN.key().getEncoded(), seed, times);
        for (String label : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
            requireFlawOrNothing(BrokenBytesProperties::pem, withChain(label, der));
        }
    }

    @Property(tries = 500)
    void damagedEncryptedKeys(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int times) {
        byte[] file = withChain("ENCRYPTED PRIVATE KEY", damaged(LOCKED, seed, times));
        requireFlawOrNothing(BrokenBytesProperties::pem, file);
    }

    @Property(tries = 200)
    void damagedPkcs12(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int times) {
        requireFlawOrNothing(bytes -> IdentityFile.pkcs12("it", bytes, PASSWORD, null), damaged(STORE, seed, times));
    }

    @Property(tries = 2000)
    void anyBytes(@ForAll byte[] bytes) {
        requireFlawOrNothing(BrokenBytesProperties::pem, bytes);
        requireFlawOrNothing(BrokenBytesProperties::pem, block("CERTIFICATE", bytes));
        requireFlawOrNothing(BrokenBytesProperties::pem, concat(PEM, block("EC PARAMETERS", bytes)));
        requireFlawOrNothing(content -> IdentityFile.pkcs12("it", content, PASSWORD, null), bytes);
        requireFlawOrNothing(content -> EncryptedKey.decrypt(content, PASSWORD), bytes);
    }

    @Property(tries = 500)
    void whatIsNotDamagedIsRead(@ForAll @IntRange(max = 70_000) int length) throws Exception {
        byte[] octets = new byte[length];
        Der inside = Der.sequence(Der.value(Der.SEQUENCE, Der.value(Der.OCTETS, octets)));
        assertArrayEquals(octets, inside.take(Der.OCTETS));
        assertArrayEquals(OWN.key().getEncoded(), EncryptedKey.decrypt(LOCKED, PASSWORD));
    }

    private static byte[] locked(byte[] pkcs8) {
        try {
            byte[] salt = new byte[16];
            byte[] iv = new byte[16];
            new SecureRandom().nextBytes(iv);
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                    .generateSecret(new PBEKeySpec(PASSWORD, salt, 100, 128))
                    .getEncoded();
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            byte[] pbkdf2 = {6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 13, 1, 5, 12};
            byte[] pbes2 = {6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 13, 1, 5, 13};
            byte[] aes = {6, 9, 0x60, (byte) 0x86, 0x48, 1, 0x65, 3, 4, 1, 2};
            byte[] derivation =
                    Der.value(Der.SEQUENCE, pbkdf2, Der.value(Der.SEQUENCE, Der.value(Der.OCTETS, salt), new byte[] {
                        Der.INTEGER, 1, 100
                    }));
            byte[] encryption = Der.value(Der.SEQUENCE, aes, Der.value(Der.OCTETS, iv));
            byte[] scheme = Der.value(Der.SEQUENCE, pbes2, Der.value(Der.SEQUENCE, derivation, encryption));
            return Der.value(Der.SEQUENCE, scheme, Der.value(Der.OCTETS, cipher.doFinal(pkcs8)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
