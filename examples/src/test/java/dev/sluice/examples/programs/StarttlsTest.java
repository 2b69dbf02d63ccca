// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static dev.sluice.examples.Await.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.Lines;
import dev.sluice.examples.Starttls;
import dev.sluice.examples.programs.Program.Said;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenSSL as the client of a server that goes over to TLS, and of one whose keys it updates. */
final class StarttlsTest {
    @TempDir
    private Path directory;

    private ServerTls tls;

    @BeforeEach
    void makeKeys() throws Exception {
        TestCa authority = TestCa.create("a CA to throw away");
        TestCertificate made = authority.server("localhost", "127.0.0.1");
        Files.writeString(directory.resolve("ca.pem"), authority.rootPem());
        Files.writeString(directory.resolve("cert.pem"), made.chainPem());
        Files.writeString(directory.resolve("key.pem"), made.keyPem());
        tls = ServerTls.of(IdentityFile.pem(directory.resolve("cert.pem"), directory.resolve("key.pem")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslGoesOverAndVerifiesIt(String version) throws Exception {
        Path input = Files.writeString(directory.resolve("input"), "EHLO again\nNOOP\nSTARTTLS\nQUIT\n");
        try (Server server = Starttls.server(Endpoint.tcp("127.0.0.1", 0), tls).start()) {
            List<String> arguments = List.of(
                    "s_client",
                    "-starttls",
                    "smtp",
                    "-connect",
                    "127.0.0.1:" + server.port(),
                    "-servername",
                    "localhost",
                    "-verify_return_error",
                    "-verify_hostname",
                    "localhost",
                    "-CAfile",
                    directory.resolve("ca.pem").toString(),
                    version,
                    "-crlf",
                    "-quiet");
            Said said = Program.run(input, Program.installed("openssl", "openssl"), arguments);
            assertEquals(0, said.status(), said::toString);
            String answers = said.text();
            assertTrue(
                    answers.endsWith("250 localhost\r\n250 by TLS\r\n503 it is encrypted already\r\n221 bye\r\n"),
                    said::toString);
        }
    }

    /** In s_client a line that is K updates the keys of both sides, and k its own. */
    @Test
    void opensslUpdatesItsKeysAndOurs() throws Exception {
        try (Server server =
                Lines.server(Endpoint.tcp("127.0.0.1", 0).withTls(tls)).start()) {
            Process openssl = new ProcessBuilder(
                            Program.installed("openssl", "openssl"),
                            "s_client",
                            "-connect",
                            "127.0.0.1:" + server.port(),
                            "-tls1_3")
                    .redirectErrorStream(true)
                    .start();
            try (OutputStream keyboard = openssl.getOutputStream()) {
                Screen screen = new Screen(openssl.getInputStream());
                for (int i = 0; i < 5; i++) {
                    type(keyboard, "line " + i);
                    screen.shows("line " + i + "\n", 1);
                    type(keyboard, i % 2 == 0 ? "K" : "k");
                    screen.shows("KEYUPDATE", i + 1);
                }
                type(keyboard, "and on");
                screen.shows("and on\n", 1);
            } finally {
                openssl.destroy();
                openssl.waitFor();
            }
        }
    }

    private static void type(OutputStream keyboard, String line) throws IOException {
        keyboard.write((line + "\n").getBytes(ISO_8859_1));
        keyboard.flush();
    }

    /** What a program has said so far. */
    private record Screen(InputStream in, ByteArrayOutputStream seen) {
        Screen(InputStream in) {
            this(in, new ByteArrayOutputStream());
        }

        void shows(String text, int times) {
            await(() -> read().split(text, -1).length > times, this::toString);
        }

        private String read() {
            try {
                seen.writeBytes(in.readNBytes(in.available()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return toString();
        }

        @Override
        public String toString() {
            return seen.toString(ISO_8859_1);
        }
    }
}
