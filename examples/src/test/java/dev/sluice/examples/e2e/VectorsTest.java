// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed is what the documents say, and what another program has computed. */
final class VectorsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String PREFIX = "302a300506032b656e032100";

    // ---- RFC 5869, appendix A.1 to A.3

    @Test
    void hkdfIsThatOfRfc5869() throws Exception {
        assertHkdf(
                "0b".repeat(22),
                "000102030405060708090a0b0c",
                "f0f1f2f3f4f5f6f7f8f9",
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        assertHkdf(
                upFrom(0x00, 80),
                upFrom(0x60, 80),
                upFrom(0xb0, 80),
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                        + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
        assertHkdf(
                "0b".repeat(22),
                "",
                "",
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    private static void assertHkdf(String secret, String salt, String info, String key, String out) throws Exception {
        byte[] extracted = Hkdf.extract(HEX.parseHex(salt), HEX.parseHex(secret));
        assertEquals(key, HEX.formatHex(extracted));
        assertEquals(out, HEX.formatHex(Hkdf.expand(extracted, HEX.parseHex(info), out.length() / 2)));
    }

    private static String upFrom(int first, int count) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < count; i++) {
            hex.append(String.format("%02x", first + i));
        }
        return hex.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 8161})
    void hkdfGivesUpTo255Blocks(int length) throws Exception {
        assertEquals(8160, Hkdf.expand(new byte[32], new byte[0], 8160).length);
        assertThrows(IllegalArgumentException.class, () -> Hkdf.expand(new byte[32], new byte[0], length));
    }

    // ---- RFC 7748, sections 5.2 and 6.1

    @ParameterizedTest
    @CsvSource({
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4,"
                + "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c,"
                + "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d,"
                + "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493,"
                + "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a,"
                + "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f,"
                + "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb,"
                + "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a,"
                + "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    })
    void x25519IsThatOfRfc7748(String scalar, String point, String secret) throws Exception {
        assertEquals(secret, HEX.formatHex(X25519.agree(privateKey(scalar), HEX.parseHex(point))));
    }

    @Test
    void publicKeysAreThoseOfRfc7748() throws Exception {
        assertEquals(
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                HEX.formatHex(X25519.publicOf(
                        privateKey("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))));
        KeyPair made = X25519.generate();
        assertEquals(HEX.formatHex(X25519.publicOf(made.getPrivate())), HEX.formatHex(X25519.bytes(made.getPublic())));
    }

    /** The points whose multiples by any private key are zero, in all ways to write them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            })
    void aKeyThatGivesEverybodyTheSameSecretIsRefused(String point) {
        E2eException refused = assertThrows(
                E2eException.class, () -> X25519.agree(X25519.generate().getPrivate(), HEX.parseHex(point)));
        assertEquals(E2eFailure.WEAK_KEY, refused.failure());
        E2eException byServer = assertThrows(
                E2eException.class, () -> new Handshake().answer(HEX.parseHex(point), ServerKey.generate()));
        assertEquals(E2eFailure.WEAK_KEY, byServer.failure());
    }

    // ---- Noise

    /**
     * Computed by another program, written in Python from the specification of Noise (revision 34) over OpenSSL's primitives, which
     * was tried with published vectors of the same protocol.
     */
    @Test
    void theHandshakeIsThatOfNoise() throws Exception {
        byte[] prologue = ascii("sluice e2e 1");
        ServerKey own = ServerKey.parse(pem(privateKey(seed("server")))).withNote(ascii("a note"));
        Handshake client = new Handshake(keyPair("client ephemeral"), prologue);
        Handshake server = new Handshake(keyPair("server ephemeral"), prologue);
        byte[] hello = client.hello();
        assertEquals("b470ad366b390120d4de0fb51689ba4be2f5afec4f3a069bb856f6afdec2d65c", HEX.formatHex(hello));
        byte[] answer = server.answer(hello, own);
        assertEquals(
                "748664a459a892040b0936b4eb5b7156a6de62924b545a160a0e28479d0e0907e1d254280e0df86c5ce74b3f868b0ce4"
                        + "aaa4c3698664a4b1b06686fde5029c23b465cc24cab5e40d5123d1f2290fc88ea763ad2604ba05c516a3e935438cd9"
                        + "d4c7cfbebdaa3d",
                HEX.formatHex(answer));
        client.answered(answer, Trust.pinned(own.publicKey()));
        for (Handshake side : new Handshake[] {client, server}) {
            assertEquals(
                    "e79a0bfbf52c3fe8efa46e277233e01d0e0f4662447efa464e372c581ecc84de", HEX.formatHex(side.hash()));
            RecordKey[] keys = side.keys(2);
            assertEquals(
                    "549b4381778482ddd772e6694b61b178853bad8620fa3caf072a1274d6",
                    HEX.formatHex(keys[0].seal(ascii("to the server"))));
            assertEquals(
                    "0683f13d31c274a16d57e8d12f07c07fddba6ea74b4c2289b3eac843fd",
                    HEX.formatHex(keys[0].seal(ascii("to the server"))));
            assertEquals( // the key was replaced behind the second
                    "db1b61fbea991c8b2ab1e08f0efec869521a5e4f45a7cd873894c01be2",
                    HEX.formatHex(keys[0].seal(ascii("to the server"))));
            assertEquals(
                    "c9b6d5f6faa8654471b93d134ab852c08d461ded99b62434d7ecb90466",
                    HEX.formatHex(keys[1].seal(ascii("to the client"))));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String seed(String name) throws GeneralSecurityException {
        return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(ascii(name)));
    }

    private static KeyPair keyPair(String name) throws GeneralSecurityException {
        PrivateKey key = privateKey(seed(name));
        byte[] encoded = HEX.parseHex(PREFIX + HEX.formatHex(X25519.publicOf(key)));
        return new KeyPair(KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(encoded)), key);
    }

    private static PrivateKey privateKey(String scalar) throws GeneralSecurityException {
        return KeyFactory.getInstance("X25519")
                .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, HEX.parseHex(scalar)));
    }

    private static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + java.util.Base64.getEncoder().encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    // ---- keys

    @Test
    void aKeyIsReadAsItWasWritten() {
        ServerKey key = ServerKey.generate();
        ServerKey read = ServerKey.parse(key.pem());
        assertEquals(HEX.formatHex(key.publicKey()), HEX.formatHex(read.publicKey()));
        assertEquals(key.pem(), read.pem());
        assertEquals(-1, key.toString().indexOf(key.pem().substring(40, 80)));
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() throws Exception {
        KeyPair ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        for (String text : new String[] {
            "", "secret", "-----BEGIN PRIVATE KEY-----secret-----END PRIVATE KEY-----", pem(ed25519.getPrivate())
        }) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> ServerKey.parse(text));
            assertEquals(-1, refused.getMessage().indexOf("secret"), refused.getMessage());
        }
    }
}
