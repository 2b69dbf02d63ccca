// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix domain socket that this process listens on. Java can neither set the umask nor come between
 * {@code bind} and {@code listen}, so where permissions are asked for the socket is made in a directory that only this
 * user can enter, and linked to its place once it has them. A link never replaces a file, as a rename would.
 */
final class SocketFile {
    private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);
    private static final int TRIES = 3;
    private static final int TYPE_OF_FILE = 0170000; // the bits of st_mode that tell it, inode(7)
    private static final int SOCKET = 0140000;

    private final Path path;
    private final Object
            key; // of the file that was bound, so that no other is ever deleted; null where files have none
    private final AtomicBoolean deleted = new AtomicBoolean();

    private SocketFile(Path path) throws IOException {
        this.path = path;
        this.key = keyOf(path);
    }

    /**
     * Binds and listens. A socket file on which nobody listens is replaced; any other file is left alone.
     *
     * @throws IOException if there is such a file, or none can be made
     */
    static SocketFile bind(ServerSocketChannel channel, Endpoint endpoint, List<OptionValue<?>> options)
            throws IOException {
        Path path = ((UnixDomainSocketAddress) endpoint.address()).getPath();
        for (int tries = 1; ; tries++) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                deleteStale(channel, path);
            }
            try {
                if (endpoint.permissions() == null) {
                    SocketIo.listen(channel, endpoint.address(), endpoint.backlog(), false, options);
                } else {
                    bindInPrivate(channel, path, endpoint, options);
                }
                return new SocketFile(path);
            } catch (BindException | FileAlreadyExistsException e) {
                // Made by somebody else since it was looked for.
                boolean unbound = channel.getLocalAddress() == null;
                if (!unbound || tries == TRIES || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
            }
        }
    }

    private static void bindInPrivate(
            ServerSocketChannel channel, Path path, Endpoint endpoint, List<OptionValue<?>> options)
            throws IOException {
        Path directory = privateDirectory(path);
        try {
            Path bound = directory.resolve("s");
            SocketIo.listen(channel, UnixDomainSocketAddress.of(bound), endpoint.backlog(), false, options);
            try {
                Files.setPosixFilePermissions(bound, endpoint.permissions());
                Files.createLink(path, bound);
            } catch (FileAlreadyExistsException e) {
                throw new BindException("another process has just made it");
            } finally {
                Files.delete(bound);
            }
        } finally {
            Files.delete(directory);
        }
    }

    // Beside the file, since links don't reach across file systems. The name is short: the JDK takes 106 bytes at
    // most.
    private static Path privateDirectory(Path path) throws IOException {
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rwx------");
        String name = "." + path.getFileName() + "-"
                + Integer.toHexString(0x1000 + ThreadLocalRandom.current().nextInt(0xf000));
        return Files.createDirectory(path.resolveSibling(name), PosixFilePermissions.asFileAttribute(ours));
    }

    /** Deletes a stale socket, and throws if the file is anything else. */
    private static void deleteStale(ServerSocketChannel channel, Path path) throws IOException {
        requireStale(channel, path);
        Path directory = privateDirectory(path);
        Path aside = directory.resolve("s");
        try {
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.delete(directory);
            if (e instanceof NoSuchFileException) {
                return; // somebody else has moved it away
            }
            throw e;
        }
        try {
            // Again, where nobody can take its place: it may be another's, made since the first look.
            requireStale(channel, aside);
        } catch (IOException e) {
            putBack(aside, path, e);
            throw e;
        }
        Files.delete(aside);
        Files.delete(directory);
        LOG.info("the socket file {} was stale, nobody listened on it; it has been removed", path);
    }

    private static void putBack(Path aside, Path path, IOException why) {
        try {
            Files.createLink(path, aside); // never over another file
            Files.delete(aside);
            Files.delete(aside.getParent());
        } catch (IOException e) {
            why.addSuppressed(e);
            LOG.error("what was {} is now {}, and could not be put back: {}", path, aside, e.toString());
        }
    }

    private static void requireStale(ServerSocketChannel channel, Path path) throws IOException {
        if (!isSocket(path)) {
            throw new BindException("the file is no socket, and is not deleted; choose another path or remove it");
        }
        if (SocketIo.isLive(channel.provider(), UnixDomainSocketAddress.of(path))) {
            throw new BindException("a process listens on it already; stop that first, or choose another path");
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & TYPE_OF_FILE) == SOCKET;
        }
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
    }

    private static Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Deletes the file, unless another has taken its place. */
    void delete() {
        if (deleted.getAndSet(true)) { // by now a file of the same number may be another's
            return;
        }
        try {
            Object now = keyOf(path);
            if (now == null || now.equals(key)) {
                Files.delete(path);
            }
        } catch (NoSuchFileException e) {
            // Deleted by somebody else.
        } catch (IOException e) {
            LOG.warn("the socket file {} could not be deleted: {}", path, e.toString());
        }
    }
}
