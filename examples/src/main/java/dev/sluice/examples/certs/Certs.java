// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.certs;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A folder with a throw-away authority and what it has issued: {@code ca.pem}; for a server {@code server.pem}, {@code server.key} and
 * {@code server.p12}; and the same of each client, under its name. Keys are readable for their owner only. The authority's own key
 * is not kept.
 */
public final class Certs {
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final Pattern HOST = Pattern.compile("([*]\\.)?" + LABEL + "(\\." + LABEL + ")*");
    private static final int LONGEST_NAME = 253;

    private final Path folder;
    private final boolean overwrites;
    private final char[] password;
    private final List<Path> written = new ArrayList<>();

    private Certs(Path folder, boolean overwrites, char[] password) {
        this.folder = folder;
        this.overwrites = overwrites;
        this.password = password;
    }

    /**
     * Makes them.
     *
     * @param serverNames names of hosts, such with a star as their first label, addresses of IPv4, and {@code ::1}
     * @param clients names of clients, which are names of files as well
     * @param overwrites whether files that are there are replaced
     * @param password of the PKCS#12 files
     * @return the files
     * @throws IllegalArgumentException if a name is none
     */
    public static List<Path> write(
            Path folder, List<String> serverNames, List<String> clients, boolean overwrites, char[] password)
            throws IOException {
        for (String client : clients) {
            if (!client.matches("[A-Za-z0-9_-]{1,64}") || client.equals("ca") || client.equals("server")) {
                throw new IllegalArgumentException("client: " + client + " is no name for a file of its own");
            }
        }
        for (String name : serverNames) {
            if (!name.equals("::1")
                    && (name.length() > LONGEST_NAME || !HOST.matcher(name).matches())) {
                throw new IllegalArgumentException(
                        "name: " + name + " is no host's name, no IPv4 address, and not ::1");
            }
        }
        Files.createDirectories(folder);
        Certs certs = new Certs(folder, overwrites, password);
        TestCa ca = TestCa.create("Throw-away CA");
        certs.write("ca.pem", ca.rootPem().getBytes(StandardCharsets.US_ASCII), false);
        certs.write("server", ca.server(serverNames.toArray(String[]::new)));
        for (String client : clients) {
            certs.write(client, ca.client(client));
        }
        return certs.written;
    }

    private void write(String name, TestCertificate certificate) throws IOException {
        write(name + ".pem", certificate.chainPem().getBytes(StandardCharsets.US_ASCII), false);
        write(name + ".key", certificate.keyPem().getBytes(StandardCharsets.US_ASCII), true);
        write(name + ".p12", certificate.pkcs12(password), true);
    }

    private void write(String name, byte[] bytes, boolean isSecret) throws IOException {
        Path file = folder.resolve(name);
        if (overwrites) {
            Files.deleteIfExists(file);
        }
        boolean hasPermissions = Files.getFileStore(folder).supportsFileAttributeView("posix");
        FileAttribute<?>[] attributes = isSecret && hasPermissions
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try (SeekableByteChannel out = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            out.write(ByteBuffer.wrap(bytes));
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + ": there is such a file; --force replaces it", e);
        }
        written.add(file);
    }
}
