// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's {@code e2e}, whole and in parts, and {@code tap} between. */
final class E2eLauncherTest {
    private static final String SECRET = "the password of the vault is swordfish";

    @TempDir
    private Path folder;

    @Test
    void showsWhatEachSees() throws Exception {
        try (Launched launched = Launched.launcher("e2e")) {
            assertEquals(0, launched.status(), launched::toString);
            String[] parts = launched.stdout().split("\\R\\R");
            assertEquals(4, parts.length, launched::stdout);
            assertTrue(parts[0].contains("proxy    from the client: 38 bytes, " + SECRET), parts[0]);
            assertTrue(parts[0].contains("certificate of CN=proxy.example"), parts[0]);
            assertTrue(parts[1].contains("backend  reads: " + SECRET), parts[1]);
            assertTrue(parts[1].contains("client   reads: " + SECRET), parts[1]);
            assertTrue(parts[2].contains("WRONG_SERVER_KEY"), parts[2]);
            assertTrue(parts[3].contains("certificate of CN=backend.example"), parts[3]);
            assertTrue(parts[3].contains("client   reads: " + SECRET), parts[3]);
            for (int i = 1; i < parts.length; i++) {
                assertTrue(
                        parts[i].lines()
                                .filter(line -> line.contains("proxy "))
                                .noneMatch(line -> line.contains("sword")),
                        parts[i]);
            }
        }
    }

    private void run(String... arguments) throws IOException {
        try (Launched launched = Launched.launcher(arguments)) {
            assertEquals(0, launched.status(), launched::toString);
        }
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static String port(Launched launched) {
        return String.valueOf(launched.address().getPort());
    }

    private Launched client(Launched proxy, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("e2e", "client", "--connect", "localhost:" + port(proxy), "--ca", file("certs/ca.pem")));
        arguments.addAll(List.of(more));
        return Launched.launcher(arguments.toArray(String[]::new));
    }

    @Test
    void itsPartsWorkOneByOneWithATapThatEndsTls() throws Exception {
        run("certs", folder.resolve("certs").toString());
        run("e2e", "keys", folder.toString());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("server.key"))));
        try (Launched server = Launched.launcher(
                        "e2e",
                        "server",
                        "--port",
                        "0",
                        "--e2e-key",
                        file("server.key"),
                        "--note",
                        file("server.note"));
                Launched proxy = Launched.launcher(
                        "tap",
                        "--port",
                        "0",
                        "--cert",
                        file("certs/server.pem"),
                        "--key",
                        file("certs/server.key"),
                        "--backend",
                        "127.0.0.1:" + port(server))) {
            String pin = Files.readString(folder.resolve("server.pub")).strip();
            try (Launched client = client(proxy, "--pin", pin, SECRET, "\u00fcbrigens")) {
                assertEquals(0, client.status(), client::toString);
                assertTrue(client.stdout().startsWith(SECRET + System.lineSeparator()), client::stdout);
            }
            String authority = Files.readString(folder.resolve("authority.pub")).strip();
            try (Launched client = client(proxy, "--authority", authority, SECRET)) {
                assertEquals(0, client.status(), client::toString);
            }
            try (Launched client = client(proxy, "--authority", authority, "--name", "mail", SECRET)) {
                assertEquals(1, client.status(), client::toString);
                assertTrue(client.stderr().contains("BAD_NOTE: the note is about another server"), client::stderr);
            }
            try (Launched client = client(proxy, "--pin", "A".repeat(43) + "=", SECRET)) {
                assertEquals(1, client.status(), client::toString);
                assertTrue(client.stderr().contains("WRONG_SERVER_KEY: "), client::stderr);
            }
            assertTrue(proxy.stdout().contains(", client, 34 bytes"), proxy::stdout);
            assertFalse(proxy.stdout().contains("sword"), proxy::stdout);
        }
    }

    @Test
    void keysAreNotWrittenOverOthers() throws Exception {
        run("e2e", "keys", folder.toString());
        String before = Files.readString(folder.resolve("server.key"));
        try (Launched launched = Launched.launcher("e2e", "keys", folder.toString())) {
            assertEquals(1, launched.status(), launched::toString);
        }
        assertEquals(before, Files.readString(folder.resolve("server.key")));
    }
}
