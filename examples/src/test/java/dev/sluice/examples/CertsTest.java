// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tls.ClientCertificates;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher's {@code certs} makes is what servers take, and what OpenSSL verifies. */
final class CertsTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsMadeServes() throws Exception {
        Path made = folder.resolve("made");
        try (Launched launched =
                Launched.launcher("certs", made.toString(), "--name", "a.example", "--name", "*.a.example")) {
            assertEquals(0, launched.status(), launched::toString);
            assertEquals(7, launched.stdout().lines().count(), launched::stdout);
        }
        try (Stream<Path> files = Files.list(made)) {
            assertEquals(
                    new TreeSet<>(Set.of(
                            "ca.pem",
                            "client.key",
                            "client.p12",
                            "client.pem",
                            "server.key",
                            "server.p12",
                            "server.pem")),
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
        for (String secret : List.of("server.key", "server.p12", "client.key")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve(secret))));
        }
        ServerTls tls = ServerTls.builder()
                .identity(IdentityFile.pem(made.resolve("server.pem"), made.resolve("server.key")))
                .clientCertificates(ClientCertificates.WANTED, made.resolve("ca.pem"))
                .build();
        assertEquals(Set.of("a.example", "*.a.example"), tls.identities().get(0).names());
        assertEquals(
                tls.identities().get(0),
                IdentityFile.pkcs12(made.resolve("server.p12"))
                        .withPassword("changeit".toCharArray())
                        .read());
        IdentityFile.pem(made.resolve("client.pem"), made.resolve("client.key")).read();
    }

    @Test
    void whatIsThereIsReplacedOnlyIfTold() throws Exception {
        try (Launched launched = Launched.launcher("certs", folder.toString())) {
            assertEquals(0, launched.status(), launched::toString);
        }
        String before = Files.readString(folder.resolve("server.pem"));
        try (Launched launched = Launched.launcher("certs", folder.toString())) {
            assertEquals(1, launched.status(), launched::toString);
            assertTrue(
                    launched.stderr().contains("ca.pem: there is such a file; --force replaces it"), launched::stderr);
        }
        assertEquals(before, Files.readString(folder.resolve("server.pem")));
        try (Launched launched = Launched.launcher("certs", folder.toString(), "--force", "--client", "alice")) {
            assertEquals(0, launched.status(), launched::toString);
        }
        assertTrue(Files.exists(folder.resolve("alice.key")));
        assertTrue(!before.equals(Files.readString(folder.resolve("server.pem"))));
    }

    @Test
    void aNameThatNoClientCanAskForIsRefused() throws Exception {
        Path made = folder.resolve("made");
        for (String name : List.of("bad name", "a..example", "w*.example", "https://a.example", "2001:db8::1")) {
            try (Launched launched = Launched.launcher("certs", made.toString(), "--name", name)) {
                assertEquals(1, launched.status(), launched::toString);
                assertTrue(launched.stderr().contains("name: " + name + " is no host's name"), launched::stderr);
            }
        }
        assertTrue(!Files.exists(made));
    }

    @Test
    void opensslVerifiesThemByTheLetter() throws Exception {
        String program = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> new File(directory, "openssl"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst()
                .orElse(null);
        assumeTrue(program != null, "openssl is not installed");
        try (Launched launched = Launched.launcher("certs", folder.toString())) {
            assertEquals(0, launched.status(), launched::toString);
        }
        for (String[] certificate : new String[][] {{"sslserver", "server.pem"}, {"sslclient", "client.pem"}}) {
            Process process = new ProcessBuilder(
                            program,
                            "verify",
                            "-x509_strict",
                            "-purpose",
                            certificate[0],
                            "-CAfile",
                            "ca.pem",
                            certificate[1])
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            try {
                assertTrue(process.waitFor(60, TimeUnit.SECONDS), "openssl goes on");
            } finally {
                process.destroyForcibly();
            }
            String said = Files.readString(folder.resolve("log"));
            assertEquals(0, process.exitValue(), said);
        }
    }
}
