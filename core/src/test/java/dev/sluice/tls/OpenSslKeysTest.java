// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of all forms that OpenSSL's program writes, where it is installed. */
@Timeout(120)
class OpenSslKeysTest {
    private static final String PASSWORD = "p\u00E4ss word";

    private static String program;

    @TempDir
    private Path folder;

    @BeforeAll
    static void findProgram() {
        String path = System.getenv("PATH");
        program = Stream.of((path == null ? "" : path).split(File.pathSeparator))
                .map(directory -> new File(directory, "openssl"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst()
                .orElse(null);
        assumeTrue(program != null, "openssl is not installed");
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("log").toFile());
        Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "openssl goes on");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> command + ": " + assertReadable(folder.resolve("log")));
    }

    private static String assertReadable(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** {@code key.pem}, and {@code cert.pem} for it. */
    private void make(String algorithm) throws Exception {
        List<String> command = new ArrayList<>(List.of("genpkey", "-out", "key.pem", "-algorithm"));
        command.addAll(List.of(algorithm.split(" ")));
        openssl(command.toArray(String[]::new));
        openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                "key.pem",
                "-out",
                "cert.pem",
                "-days",
                "2",
                "-subj",
                "/CN=o",
                "-addext",
                "subjectAltName=DNS:o.example");
    }

    private TlsIdentity read(String key) throws TlsFileException {
        return file(key).read();
    }

    private IdentityFile file(String key) {
        return IdentityFile.pem(folder.resolve("cert.pem"), folder.resolve(key));
    }

    private TlsIdentity requireRead(String key) throws TlsFileException {
        TlsIdentity identity = read(key);
        assertEquals(List.of("o.example"), List.copyOf(identity.names()));
        return identity;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RSA -pkeyopt rsa_keygen_bits:2048",
                "RSA -pkeyopt rsa_keygen_bits:4096",
                "RSA-PSS -pkeyopt rsa_keygen_bits:2048",
                "RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt"
                        + " rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32",
                "EC -pkeyopt ec_paramgen_curve:P-256",
                "EC -pkeyopt ec_paramgen_curve:P-384",
                "EC -pkeyopt ec_paramgen_curve:P-521",
                "ED25519",
                "ED448"
            })
    void eachAlgorithmShakesHands(String algorithm) throws Exception {
        make(algorithm);
        TlsIdentity identity = requireRead("key.pem");
        ServerTls tls = ServerTls.builder().identity(identity).build();
        for (TlsVersion version : TlsVersion.values()) {
            ClientTls client = ClientTls.builder()
                    .trust(folder.resolve("cert.pem"))
                    .versions(version)
                    .build();
            EnginePair pair = EnginePair.open(tls, client.engine("o.example", 443));
            assertEquals(identity.chain(), TlsInfo.of(pair.client).peerChain());
        }
    }

    @ParameterizedTest
    @CsvSource({"RSA -pkeyopt rsa_keygen_bits:2048, rsa", "EC -pkeyopt ec_paramgen_curve:P-384, ec"})
    void theOlderFormsAreRead(String algorithm, String command) throws Exception {
        make(algorithm);
        openssl(command, "-in", "key.pem", "-out", "old.pem", command.equals("rsa") ? "-traditional" : "-noout");
        if (command.equals("ec")) {
            openssl("ec", "-in", "key.pem", "-out", "old.pem");
        }
        assertTrue(Files.readString(folder.resolve("old.pem"))
                .contains(command.equals("rsa") ? "RSA PRIVATE" : "EC PRIVATE"));
        requireRead("old.pem"); // so the key belongs to the certificate
        openssl(
                command,
                "-in",
                "key.pem",
                "-out",
                "locked.pem",
                "-aes256",
                "-passout",
                "file:password",
                command.equals("rsa") ? "-traditional" : "-check");
        TlsFileException e = assertThrows(TlsFileException.class, () -> read("locked.pem"));
        assertTrue(e.getMessage().contains("OpenSSL's old way"), e::getMessage);
    }

    @Test
    void parametersInFrontOfAnEcKeyAreRead() throws Exception {
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "key.pem");
        openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                "key.pem",
                "-out",
                "cert.pem",
                "-subj",
                "/CN=o",
                "-addext",
                "subjectAltName=DNS:o.example");
        assertTrue(Files.readString(folder.resolve("key.pem")).contains("EC PARAMETERS"));
        requireRead("key.pem");
    }

    @Test
    void aCurveThatIsWrittenOutIsRefused() throws Exception {
        make("EC -pkeyopt ec_paramgen_curve:P-256");
        openssl("ec", "-in", "key.pem", "-param_enc", "explicit", "-out", "own.pem");
        TlsFileException e = assertThrows(TlsFileException.class, () -> read("own.pem"));
        assertTrue(e.getMessage().contains("a curve of its own"), e::getMessage);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-v2 aes256",
                "-v2 aes128 -v2prf hmacWithSHA1",
                "-v2 aes192 -v2prf hmacWithSHA512 -iter 5000",
                "-v2 aes256 -v2prf hmacWithSHA384",
                "-v2 aes256 -v2prf hmacWithSHA224",
                "-v2 des3"
            })
    void encryptedKeysAreReadWithTheirPassword(String options) throws Exception {
        make("EC -pkeyopt ec_paramgen_curve:P-256");
        List<String> command = new ArrayList<>(
                List.of("pkcs8", "-topk8", "-in", "key.pem", "-out", "locked.pem", "-passout", "file:password"));
        command.addAll(List.of(options.split(" ")));
        openssl(command.toArray(String[]::new));
        TlsIdentity open = requireRead("key.pem");
        assertEquals(
                open.key(),
                file("locked.pem")
                        .withPasswordFile(folder.resolve("password"))
                        .read()
                        .key());
        assertEquals(
                open.key(),
                file("locked.pem").withPassword(PASSWORD.toCharArray()).read().key());
        TlsFileException without = assertThrows(TlsFileException.class, () -> read("locked.pem"));
        assertTrue(without.getMessage().endsWith(": the key is encrypted, and no password was given"));
        for (int i = 0; i < 300; i++) { // one of 256 leaves what seems to be padded well
            char[] wrong = ("wrong" + i).toCharArray();
            TlsFileException e = assertThrows(
                    TlsFileException.class,
                    () -> file("locked.pem").withPassword(wrong).read());
            assertEquals(
                    folder.resolve("locked.pem") + ": wrong password, or the encrypted key is damaged", e.getMessage());
        }
        assertThrows(
                TlsFileException.class,
                () -> file("locked.pem").withPassword(new char[0]).read());
    }

    @ParameterizedTest
    @CsvSource({"-scrypt, scrypt", "-v1 PBE-SHA1-3DES, 1.2.840.113549.1.12.1.3"})
    void otherEncryptionsAreNamed(String options, String name) throws Exception {
        make("EC -pkeyopt ec_paramgen_curve:P-256");
        List<String> command = new ArrayList<>(
                List.of("pkcs8", "-topk8", "-in", "key.pem", "-out", "locked.pem", "-passout", "file:password"));
        command.addAll(List.of(options.split(" ")));
        openssl(command.toArray(String[]::new));
        TlsFileException e = assertThrows(
                TlsFileException.class,
                () -> file("locked.pem").withPassword(PASSWORD.toCharArray()).read());
        assertTrue(
                e.getMessage().contains("is encrypted by " + name)
                        && e.getMessage().contains("openssl pkcs8"),
                e::getMessage);
    }

    @Test
    void pkcs12IsRead() throws Exception {
        make("RSA -pkeyopt rsa_keygen_bits:2048");
        openssl(
                "pkcs12",
                "-export",
                "-in",
                "cert.pem",
                "-inkey",
                "key.pem",
                "-out",
                "all.p12",
                "-passout",
                "pass:sesame");
        IdentityFile file = IdentityFile.pkcs12(folder.resolve("all.p12")).withPassword("sesame".toCharArray());
        assertEquals(requireRead("key.pem"), file.read());
        openssl("pkcs12", "-in", "all.p12", "-out", "all.pem", "-nodes", "-passin", "pass:sesame");
        assertEquals(
                requireRead("key.pem"),
                IdentityFile.pem(folder.resolve("all.pem")).read());
    }
}
