// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read of files, and which one line is said of those that are broken. */
class IdentityFileTest {
    private static final char[] PASSWORD = "sesame".toCharArray();

    private static TestCa ca;
    private static TestCa below;
    private static TestCertificate own;
    private static TestCertificate other;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeCertificates() {
        ca = TestCa.create("Test CA");
        below = ca.intermediate("Below");
        own = below.server("a.example");
        other = ca.server("b.example");
    }

    private static Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private static String pem(X509Certificate certificate) throws Exception {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    // ---- what is read

    @ParameterizedTest
    @EnumSource(value = TestCa.Key.class, mode = EnumSource.Mode.EXCLUDE, names = "RSA_SHORT")
    void pemIsReadFromOneFileAndFromTwo(TestCa.Key kind) throws Exception {
        TestCertificate certificate =
                below.certificate("k").names("k.example").key(kind).issue();
        Path chain = write("chain.pem", certificate.chainPem());
        Path key = write("key.pem", certificate.keyPem());
        TlsIdentity two = IdentityFile.pem(chain, key).read();
        assertEquals(certificate.chain(), two.chain());
        assertEquals(certificate.key(), two.key());
        assertEquals(Set.of("k.example"), two.names());
        Path both = write("both.pem", certificate.keyPem() + certificate.chainPem());
        assertEquals(two, IdentityFile.pem(both).read());
        assertEquals(two.hashCode(), IdentityFile.pem(both).read().hashCode());
        Path store = write("both.p12", certificate.pkcs12(PASSWORD));
        assertEquals(two, IdentityFile.pkcs12(store).withPassword(PASSWORD).read());
    }

    @Test
    void textAroundBlocksByteOrderMarksAndLineEndsOfAnyKindAreSkipped() throws Exception {
        String text = "\uFEFF" + own.chainPem() + "Bag Attributes\n    friendlyName: x\n" + "Key: <No Attributes>\n"
                + own.keyPem() + "\nthe end";
        for (String variant : new String[] {
            text,
            text.replace("\n", "\r\n"),
            text.replace("\n", "\r"),
            text.replace("\n", " \t\n"),
            text.replace("CERTIFICATE", "X509 CERTIFICATE")
        }) {
            assertEquals(
                    own.chain(),
                    IdentityFile.pem(write("t.pem", variant)).read().chain());
        }
    }

    @Test
    void aRootAtTheEndOfTheChainIsTaken() throws Exception {
        Path file = write("root.pem", own.chainPem() + ca.rootPem() + own.keyPem());
        assertEquals(3, IdentityFile.pem(file).read().chain().size());
    }

    @Test
    void aPasswordMayStandInAFile() throws Exception {
        Path store = write("p.p12", own.pkcs12(PASSWORD));
        for (String text : new String[] {"sesame", "sesame\n", "sesame\r\nmore"}) {
            Path password = write("password", text);
            assertEquals(
                    own.chain(),
                    IdentityFile.pkcs12(store).withPasswordFile(password).read().chain());
        }
    }

    @Test
    void oneOfSeveralKeysOfPkcs12IsNamed() throws Exception {
        IdentityFile file = IdentityFile.pkcs12(write("two.p12", twoKeys())).withPassword(PASSWORD);
        assertEquals(own.chain(), file.withAlias("one").read().chain());
        assertEquals(other.chain(), file.withAlias("two").read().chain());
    }

    private static byte[] twoKeys() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("one", own.key(), PASSWORD, own.chain().toArray(X509Certificate[]::new));
        store.setKeyEntry("two", other.key(), PASSWORD, other.chain().toArray(X509Certificate[]::new));
        return bytes(store);
    }

    private static byte[] bytes(KeyStore store) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, PASSWORD);
        return out.toByteArray();
    }

    @Test
    void neitherKeysNorPasswordsAreInTexts() throws Exception {
        IdentityFile file =
                IdentityFile.pem(write("t.pem", own.chainPem() + own.keyPem())).withPassword(PASSWORD);
        assertEquals(folder.resolve("t.pem").toString(), file.toString());
        String text = file.read().toString();
        assertTrue(text.startsWith(folder.resolve("t.pem") + ": CN=a.example, names [a.example], until 20"), text);
    }

    // ---- what is refused: the file it is about, and the line

    /** A case's files, of which the second is the key's; the line is that of the file it names. */
    private record Broken(IdentityFile file, String about, String why) {}

    private static final Map<String, Broken> BROKEN = new TreeMap<>();

    private static void certificates(String name, String text, String why) throws Exception {
        Path chain = write(name + ".pem", text);
        Path key = write(name + ".key", own.keyPem());
        BROKEN.put("certificates: " + name, new Broken(IdentityFile.pem(chain, key), chain.toString(), why));
    }

    private static void key(String name, String text, String why) throws Exception {
        Path chain = write("of key " + name + ".pem", own.chainPem());
        Path key = write("of key " + name + ".key", text);
        BROKEN.put("key: " + name, new Broken(IdentityFile.pem(chain, key), key.toString(), why));
    }

    private static void pkcs12(String name, byte[] bytes, String why) throws Exception {
        Path file = write(name + ".p12", bytes);
        IdentityFile read = IdentityFile.pkcs12(file).withPassword(PASSWORD);
        BROKEN.put("pkcs12: " + name, new Broken(read, file.toString(), why));
    }

    @TestFactory
    Stream<DynamicTest> whatIsBrokenIsOneLineWithTheFileAndWhy() throws Exception {
        BROKEN.clear();
        brokenCertificates();
        brokenKeys();
        brokenStores();
        brokenFiles();
        return BROKEN.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Broken broken = entry.getValue();
                    TlsFileException e = assertThrows(TlsFileException.class, () -> broken.file.read());
                    assertEquals(broken.about, e.file());
                    String whole = broken.about + ": " + broken.why;
                    boolean isBeginning = broken.why.endsWith("...");
                    assertEquals(
                            isBeginning ? whole.substring(0, whole.length() - 3) : whole,
                            isBeginning
                                    ? e.getMessage()
                                            .substring(
                                                    0,
                                                    Math.min(
                                                            whole.length() - 3,
                                                            e.getMessage().length()))
                                    : e.getMessage());
                    assertFalse(e.getMessage().contains("\n"), e::getMessage);
                }));
    }

    private static void brokenCertificates() throws Exception {
        String leaf = pem(own.chain().get(0));
        String issuer = pem(own.chain().get(1));
        certificates("empty", "", "empty");
        certificates("text", "hello", "not PEM: there is no line that starts with -----BEGIN");
        certificates("a key", own.keyPem(), "no certificate in it, but PRIVATE KEY");
        certificates(
                "openssl's own", leaf.replace("CERT", "TRUSTED CERT"), "no certificate in it, but TRUSTED CERTIFICATE");
        certificates(
                "control characters", "-----BEGIN \u0007x-----\n-----END \u0007x-----", "no certificate in it, but ?x");
        certificates(
                "no end",
                leaf.substring(0, leaf.indexOf("-----END")),
                "the PEM block that begins in line 1 has no end");
        certificates(
                "another begin",
                leaf.substring(0, leaf.indexOf('\n', 40) + 1) + leaf,
                "the PEM block that begins in line 1 has no end");
        certificates(
                "another end",
                leaf.replace("END CERTIFICATE", "END KEY"),
                "line " + leaf.lines().count() + " of the PEM ends another block than line 1 begins");
        certificates(
                "damaged begin",
                leaf.replaceFirst("CERTIFICATE-----", "CERTIFICATE--"),
                "line 1 of the PEM is damaged");
        certificates("no base64", leaf.replaceFirst("MII", "M!I"), "the PEM block that begins in line 1 is no base64");
        certificates(
                "nothing inside", pem("CERTIFICATE", new byte[0]), "certificate 1 can't be read (DER ends too early)");
        certificates(
                "garbage", pem("CERTIFICATE", new byte[100]), "certificate 1 can't be read (DER has 0x00 for 0x30)");
        byte[] der = own.chain().get(0).getEncoded();
        certificates(
                "cut off",
                issuer + pem("CERTIFICATE", java.util.Arrays.copyOf(der, 200)),
                "certificate 2 can't be read (DER is cut off)");
        certificates(
                "more behind",
                pem("CERTIFICATE", java.util.Arrays.copyOf(der, der.length + 1)),
                "certificate 1 can't be read (bytes behind the DER's end)");
        certificates(
                "a key as certificate", pem("CERTIFICATE", own.key().getEncoded()), "certificate 1 can't be read (...");
        certificates(
                "out of order",
                leaf + ca.rootPem() + issuer,
                "the chain is out of order: certificate 1 (CN=a.example) was not issued by certificate 2 (CN=Test CA); one's"
                        + " own comes first, then each one's issuer");
        certificates(
                "twice",
                leaf + leaf,
                "the chain is out of order: certificate 1 (CN=a.example) was not issued by certificate 2 (CN=a.example);...");
        certificates(
                "issuer of the same name",
                leaf + pem(ca.intermediate("Below").certificate()),
                "the chain is out of order: certificate 1 (CN=a.example) was not issued by certificate 2 (CN=Below);...");
        certificates("too many", leaf + issuer.repeat(16), "17 certificates in it, and a chain has 16 at most");
        TestCertificate shortKey = ca.certificate("s").key(TestCa.Key.RSA_SHORT).issue();
        Path chain = write("short.pem", shortKey.chainPem() + shortKey.keyPem());
        BROKEN.put(
                "certificates: a short key",
                new Broken(
                        IdentityFile.pem(chain),
                        chain.toString(),
                        "an RSA key of 1024 bits, and peers refuse less than 2048"));
    }

    private static void brokenKeys() throws Exception {
        String chain = folder.resolve("of key other.pem").toString();
        key("other", other.keyPem(), "the key (EC) doesn't belong to the certificate in " + chain + " (CN=a.example)");
        chain = folder.resolve("of key another kind.pem").toString();
        key(
                "another kind",
                ca.certificate("r").key(TestCa.Key.RSA).issue().keyPem(),
                "the key (RSA) doesn't belong to the certificate in " + chain + " (CN=a.example)");
        chain = folder.resolve("of key another curve.pem").toString();
        key(
                "another curve",
                ca.certificate("r").key(TestCa.Key.EC_384).issue().keyPem(),
                "the key (EC) doesn't belong to the certificate in " + chain + " (CN=a.example)");
        Path wrongFirst = write("wrong first.pem", ca.rootPem() + own.chainPem());
        Path key = write("wrong first.key", own.keyPem());
        BROKEN.put(
                "key: of the second certificate",
                new Broken(
                        IdentityFile.pem(wrongFirst, key),
                        key.toString(),
                        "the key belongs to certificate 2 (CN=a.example) of the certificate in " + wrongFirst
                                + "; that one has to come first"));
        key("a certificate", own.chainPem(), "no private key in it, but CERTIFICATE");
        key(
                "a public key",
                pem("PUBLIC KEY", own.chain().get(0).getPublicKey().getEncoded()),
                "no private key in it, but PUBLIC KEY");
        key("two", own.keyPem() + own.keyPem(), "2 private keys in it, and one is needed");
        key("der", "0\u0082", "not PEM, but what looks like DER or PKCS#12");
        key("garbage", pem("PRIVATE KEY", new byte[] {0x30, 3, 2, 1, 0}), "DER ends too early");
        key(
                "huge",
                pem("PRIVATE KEY", new byte[] {0x30, (byte) 0x84, 0x7F, 0, 0, 0}),
                "DER has no length that could be");
        key(
                "old encryption",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                        + "-----END RSA PRIVATE KEY-----\n",
                "the key is encrypted in OpenSSL's old way (Proc-Type), which isn't read; this makes one that is: openssl...");
        key(
                "dsa",
                pem("DSA PRIVATE KEY", new byte[] {0x30, 0}),
                "a private key of a kind that isn't read: DSA PRIVATE KEY");
        key(
                "dsa in pkcs8",
                pem(
                        "PRIVATE KEY",
                        Der.value(
                                0x30,
                                new byte[] {2, 1, 0},
                                Der.value(0x30, new byte[] {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x38, 4, 1}),
                                new byte[] {4, 0})),
                "a key of algorithm 1.2.840.10040.4.1, which TLS 1.3 has no signatures of;...");
        key(
                "rsa garbage",
                pem("RSA PRIVATE KEY", new byte[] {0x30, 3, 2, 1, 0}),
                "the RSA key is damaged, or of a kind that the JDK lacks (...");
        key(
                "ec without curve",
                pem("EC PRIVATE KEY", new byte[] {0x30, 6, 2, 1, 1, 4, 1, 1}),
                "the EC key doesn't say of which curve it is");
        key(
                "ec of its own curve",
                pem("EC PRIVATE KEY", new byte[] {0x30, 10, 2, 1, 1, 4, 1, 1, (byte) 0xA0, 2, 0x30, 0}),
                "the EC key has a curve of its own, and only named ones are used in TLS");
        key(
                "encrypted without password",
                pem("ENCRYPTED PRIVATE KEY", new byte[] {0x30, 0}),
                "the key is encrypted, and no password was given");
    }

    private static void brokenStores() throws Exception {
        pkcs12("empty", new byte[0], "empty");
        pkcs12("pem", own.chainPem().getBytes(StandardCharsets.US_ASCII), "not PKCS#12");
        pkcs12("a certificate", own.chain().get(0).getEncoded(), "not PKCS#12, or damaged...");
        pkcs12("cut off", java.util.Arrays.copyOf(own.pkcs12(PASSWORD), 300), "not PKCS#12, or damaged...");
        pkcs12("wrong password", own.pkcs12("x".toCharArray()), "wrong password, or the PKCS#12 is damaged");
        pkcs12("two keys", twoKeys(), "2 private keys in it, and none is named: one, two");
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("ca", ca.certificate());
        pkcs12("no key", bytes(trust), "no private key in it");
        Path file = write("named.p12", twoKeys());
        IdentityFile named = IdentityFile.pkcs12(file).withPassword(PASSWORD).withAlias("three");
        BROKEN.put("pkcs12: no such alias", new Broken(named, file.toString(), "no key named three in it"));
        BROKEN.put(
                "pkcs12: a password that isn't ASCII",
                new Broken(
                        IdentityFile.pkcs12(file).withPassword("s\u00E9same".toCharArray()),
                        file.toString(),
                        "a password of other characters than ASCII's, with which the JDK reads no PKCS#12"));
        BROKEN.put(
                "pkcs12: no password",
                new Broken(IdentityFile.pkcs12(file), file.toString(), "PKCS#12 needs a password, and none was given"));
    }

    private static void brokenFiles() throws Exception {
        Path chain = write("fine.pem", own.chainPem());
        Path none = folder.resolve("none");
        BROKEN.put("file: none", new Broken(IdentityFile.pem(none), none.toString(), "there is no such file"));
        BROKEN.put("file: no key", new Broken(IdentityFile.pem(chain, none), none.toString(), "there is no such file"));
        BROKEN.put("file: a folder", new Broken(IdentityFile.pem(folder), folder.toString(), "is a folder"));
        Path large = write("large", new byte[(1 << 20) + 1]);
        BROKEN.put("file: large", new Broken(IdentityFile.pem(large), large.toString(), "longer than 1048576 bytes"));
        Path password = write("no password", "\nx");
        BROKEN.put(
                "file: no password",
                new Broken(
                        IdentityFile.pem(chain).withPasswordFile(password),
                        password.toString(),
                        "its first line, which is to be the password, is empty"));
        Path binary = write("binary", new byte[] {(byte) 0xFF, 'x'});
        BROKEN.put(
                "file: binary password",
                new Broken(
                        IdentityFile.pem(chain).withPasswordFile(binary),
                        binary.toString(),
                        "its first line, which is to be the password, is no UTF-8"));
        Path endless = Path.of("/dev/zero");
        if (Files.exists(endless)) {
            BROKEN.put(
                    "file: endless", new Broken(IdentityFile.pem(endless), "/dev/zero", "longer than 1048576 bytes"));
        }
    }

    @Test
    void aFileThatMayNotBeReadIsNamed() throws Exception {
        Path file = write("secret.pem", own.chainPem());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(file), "this user may read everything");
        TlsFileException e = assertThrows(
                TlsFileException.class, () -> IdentityFile.pem(file).read());
        assertEquals(file + ": may not be read by this process", e.getMessage());
    }

    // ---- identities from memory, and names

    @Test
    void anIdentityFromMemoryHasTheSameRules() {
        assertEquals(own.chain(), TlsIdentity.of(own.key(), own.chain()).chain());
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(other.key(), own.chain()));
        assertEquals("identity: the key (EC) doesn't belong to the certificate (CN=a.example)", e.getMessage());
        assertNotEquals(TlsIdentity.of(own.key(), own.chain()), TlsIdentity.of(other.key(), other.chain()));
    }

    @Test
    void aWildcardStandsForOneWholeLabel() {
        TestCertificate certificate = ca.certificate("cn.example")
                .names(
                        "*.A.example",
                        "Exact.example",
                        "w*.example",
                        "*.*.example",
                        "*",
                        "10.0.0.1",
                        "bad..example",
                        "e.")
                .issue();
        TlsIdentity identity = TlsIdentity.of(certificate.key(), certificate.chain());
        assertEquals(Set.of("*.a.example", "exact.example"), identity.names());
        for (String host : new String[] {"x.a.example", "X.A.EXAMPLE", "exact.example", "xn--bcher-kva.a.example"}) {
            assertTrue(identity.isFor(host), host);
        }
        for (String host : new String[] {
            "a.example",
            "x.y.a.example",
            ".a.example",
            "*.a.example",
            "cn.example",
            "www.example",
            "10.0.0.1",
            "",
            "x.a.example."
        }) {
            assertFalse(identity.isFor(host), host);
        }
    }
}
