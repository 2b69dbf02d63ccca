// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.e2e.E2e;
import dev.sluice.examples.e2e.KeyNote;
import dev.sluice.examples.e2e.ServerKey;
import dev.sluice.examples.e2e.Trust;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows end-to-end encryption; and its parts one by one. */
@Command(
        description =
                "Shows what a proxy that ends TLS sees, without and with encryption from end to end, and with TLS that"
                        + " is passed through.",
        subcommands = {E2eCommand.KeysCommand.class, E2eCommand.ServerCommand.class, E2eCommand.ClientCommand.class})
public final class E2eCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        E2eShow.run(System.out);
        return 0;
    }

    /** Makes a server's key, and what an authority says about it. */
    @Command(
            name = "keys",
            description = "Makes a server's key (server.key), what clients pin (server.pub), and instead of that an"
                    + " authority (authority.pub) and what it says about the key (server.note). The authority's own key is"
                    + " not kept.")
    static final class KeysCommand implements Callable<Integer> {
        @Parameters(paramLabel = "FOLDER", description = "Where they are put; there must be none yet.")
        private Path folder;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "The server's name in the note (default: ${DEFAULT-VALUE}).")
        private String name = "vault";

        @Option(
                names = "--days",
                paramLabel = "N",
                description = "How long the note is believed (default: ${DEFAULT-VALUE}).")
        private int days = 90;

        @Override
        public Integer call() throws IOException, GeneralSecurityException {
            ServerKey key = ServerKey.generate();
            KeyPair authority = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            Instant until = Instant.now().plus(Duration.ofDays(days));
            Files.createDirectories(folder);
            write("server.key", key.pem(), true);
            write("server.pub", base64(key.publicKey()) + "\n", false);
            write(
                    "server.note",
                    base64(KeyNote.sign(authority.getPrivate(), name, key.publicKey(), until)) + "\n",
                    false);
            write("authority.pub", base64(authority.getPublic().getEncoded()) + "\n", false);
            return 0;
        }

        private void write(String file, String text, boolean isSecret) throws IOException {
            Path path = folder.resolve(file);
            boolean hasPermissions = Files.getFileStore(folder).supportsFileAttributeView("posix");
            FileAttribute<?>[] attributes = isSecret && hasPermissions
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            Files.createFile(path, attributes); // not over another
            Files.writeString(path, text);
            System.out.println(path);
        }
    }

    /** Runs the backend. */
    @Command(name = "server", description = "Sends each message back, sealed for the client that has sent it.")
    static final class ServerCommand implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions(7009);

        @Option(
                names = "--e2e-key",
                paramLabel = "FILE",
                required = true,
                description = "The server's key, as the command keys makes it.")
        private Path key;

        @Option(names = "--note", paramLabel = "FILE", description = "What an authority says about it.")
        private Path note;

        @Override
        public Integer call() throws IOException {
            ServerKey own = key();
            ServerKey shown = note == null ? own : own.withNote(base64(note.toString(), Files.readString(note)));
            Server server = options.start(endpoint -> E2e.server(endpoint, shown));
            System.out.println("listening on " + server.listeners().get(0));
            return 0;
        }

        private ServerKey key() throws IOException {
            String pem = Files.readString(key);
            try {
                return ServerKey.parse(pem);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
            }
        }
    }

    /** Asks once. */
    @Command(name = "client", description = "Sends messages, prints what comes back, and ends.")
    static final class ClientCommand implements Callable<Integer> {
        @Option(
                names = "--connect",
                paramLabel = "HOST:PORT",
                required = true,
                converter = AddressText.class,
                description = "The server, or whatever stands in front of it.")
        private InetSocketAddress address;

        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description = "Speaks TLS with what is there, whose certificate these authorities have issued.")
        private Path authorities;

        @ArgGroup(multiplicity = "1")
        private Whom whom;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "The server's name in the note (default: ${DEFAULT-VALUE}).")
        private String name = "vault";

        @Parameters(paramLabel = "MESSAGE", arity = "1..*", description = "What is sent, up to 16,384 bytes each.")
        private List<String> messages;

        /** Which server is meant. */
        private static final class Whom {
            @Option(names = "--pin", paramLabel = "KEY", description = "The server's public key, in server.pub.")
            private String pin;

            @Option(
                    names = "--authority",
                    paramLabel = "KEY",
                    description = "The public key of the authority that has signed the server's, in authority.pub.")
            private String authority;
        }

        @Override
        public Integer call() throws Exception {
            ClientTls tls = authorities == null
                    ? null
                    : ClientTls.builder().trust(authorities).build();
            List<ByteBuffer> sent = messages.stream()
                    .map(message -> ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)))
                    .toList();
            for (ByteBuffer reply : E2e.ask(address, tls, trust(), sent)) {
                System.out.println(StandardCharsets.UTF_8.decode(reply));
            }
            return 0;
        }

        private Trust trust() {
            return whom.pin != null
                    ? pinned(base64("--pin", whom.pin))
                    : Trust.signedBy(ed25519(base64("--authority", whom.authority)), name, Clock.systemUTC());
        }

        private static Trust pinned(byte[] key) {
            try {
                return Trust.pinned(key);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--pin: " + e.getMessage(), e);
            }
        }

        private static PublicKey ed25519(byte[] encoded) {
            try {
                return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("--authority: no public key of Ed25519", e);
            }
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] base64(String what, String text) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": not Base64", e);
        }
    }
}
