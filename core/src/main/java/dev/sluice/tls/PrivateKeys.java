// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Private keys as PEM files have them: PKCS#8 (RFC 5958), encrypted or not, PKCS#1 (RFC 8017, A.1.2) and SEC 1 (RFC 5915). */
final class PrivateKeys {
    private static final String RSA = "1.2.840.113549.1.1.1";
    private static final String EC = "1.2.840.10045.2.1";
    private static final Map<String, String> ALGORITHMS = Map.of(
            RSA,
            "RSA",
            "1.2.840.113549.1.1.10",
            "RSASSA-PSS",
            EC,
            "EC",
            "1.3.101.112",
            "Ed25519",
            "1.3.101.113",
            "Ed448");

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] RSA_ALGORITHM = { // with parameters NULL
        Der.SEQUENCE, 13, Der.OID, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 5, 0
    };
    private static final byte[] EC_OID = {Der.OID, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private PrivateKeys() {}

    /** Says whether a block with that label is a key. */
    static boolean isKey(String label) {
        return label.endsWith("PRIVATE KEY");
    }

    /**
     * Finds the one key of a file.
     *
     * @param password null if there is none
     */
    static PrivateKey of(Pem pem, char[] password) throws Flaw {
        List<Pem.Block> keys = new ArrayList<>();
        byte[] curve = null;
        for (Pem.Block block : pem.blocks()) {
            if (isKey(block.label())) {
                keys.add(block);
            } else if (block.label().equals("EC PARAMETERS")) {
                curve = block.der();
            }
        }
        if (keys.size() != 1) {
            throw new Flaw(
                    keys.isEmpty()
                            ? "no private key in it, but " + pem.contents()
                            : keys.size() + " private keys in it, and one is needed");
        }
        return decode(keys.get(0), curve, password);
    }

    private static PrivateKey decode(Pem.Block block, byte[] curve, char[] password) throws Flaw {
        if (block.oldEncryption()) {
            throw new Flaw("the key is encrypted in OpenSSL's old way (Proc-Type), which isn't read; "
                    + EncryptedKey.remedy());
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> pkcs8(block.der());
            case "ENCRYPTED PRIVATE KEY" -> {
                if (password == null) {
                    throw new Flaw("the key is encrypted, and no password was given");
                }
                yield decrypted(EncryptedKey.decrypt(block.der(), password));
            }
            case "RSA PRIVATE KEY" -> {
                Der.sequence(block.der());
                yield pkcs8(Der.value(Der.SEQUENCE, VERSION_0, RSA_ALGORITHM, Der.value(Der.OCTETS, block.der())));
            }
            case "EC PRIVATE KEY" -> sec1(block.der(), curve);
            default -> throw new Flaw("a private key of a kind that isn't read: " + Flaw.printable(block.label()));
        };
    }

    /** One of 256 wrong passwords leaves bytes that seem to be padded well. */
    private static PrivateKey decrypted(byte[] der) throws Flaw {
        try {
            Der.sequence(der).number();
        } catch (Flaw e) {
            throw new Flaw("wrong password, or the encrypted key is damaged", e);
        }
        return pkcs8(der);
    }

    private static PrivateKey sec1(byte[] der, byte[] curveOfFile) throws Flaw {
        Der key = Der.sequence(der);
        key.number(); // the version
        byte[] secret = key.take(Der.OCTETS);
        byte[] curve = curveOfFile;
        if (key.isNext(Der.context(0))) {
            Der parameters = key.enter(Der.context(0));
            curve = parameters.isNext(Der.OID) ? parameters.whole(Der.OID) : new byte[] {Der.SEQUENCE};
        }
        if (curve == null || curve.length == 0) {
            throw new Flaw("the EC key doesn't say of which curve it is");
        }
        if (curve[0] != Der.OID) {
            throw new Flaw("the EC key has a curve of its own, and only named ones are used in TLS");
        }
        byte[] inside = Der.value(Der.SEQUENCE, new byte[] {Der.INTEGER, 1, 1}, Der.value(Der.OCTETS, secret));
        return pkcs8(Der.value(
                Der.SEQUENCE, VERSION_0, Der.value(Der.SEQUENCE, EC_OID, curve), Der.value(Der.OCTETS, inside)));
    }

    /** Attributes and public keys behind the key (RFC 5958, section 2) are left out: not every JDK takes them. */
    private static PrivateKey pkcs8(byte[] der) throws Flaw {
        Der info = Der.sequence(der);
        info.number(); // the version
        byte[] algorithm = info.whole(Der.SEQUENCE);
        byte[] key = info.whole(Der.OCTETS);
        String oid = Der.sequence(algorithm).oid();
        String name = ALGORITHMS.get(oid);
        if (name == null) {
            throw new Flaw("a key of algorithm " + oid + ", which TLS 1.3 has no signatures of; RSA, EC, Ed25519 and"
                    + " Ed448 are read");
        }
        try {
            return KeyFactory.getInstance(name)
                    .generatePrivate(new PKCS8EncodedKeySpec(Der.value(Der.SEQUENCE, VERSION_0, algorithm, key)));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Flaw.of("the " + name + " key is damaged, or of a kind that the JDK lacks", e);
        }
    }
}
