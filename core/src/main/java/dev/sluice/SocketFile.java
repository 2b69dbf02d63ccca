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
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
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
    private static final String INSIDE = "s";
    private static final Duration LONGEST_STAY = Duration.ofSeconds(10); // it takes a few system calls
    private static final int TYPE_OF_FILE = 0170000; // the bits of st_mode that tell it, inode(7)
    private static final int SOCKET = 0140000;

    private final Path path;
    private final Object key; // of the file that was bound, so that no other is deleted; null where files have none
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
        Path workshop = enterWorkshop(path);
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                requireStale(channel, path);
                Files.delete(path);
                LOG.info("the socket file {} was stale, nobody listened on it; it has been removed", path);
            }
            if (endpoint.permissions() == null) {
                SocketIo.listen(channel, endpoint.address(), endpoint.backlog(), false, options);
            } else {
                bindInside(workshop, channel, path, endpoint, options);
            }
            return new SocketFile(path);
        } finally {
            Files.deleteIfExists(workshop);
        }
    }

    private static void bindInside(
            Path workshop, ServerSocketChannel channel, Path path, Endpoint endpoint, List<OptionValue<?>> options)
            throws IOException {
        Path bound = workshop.resolve(INSIDE);
        SocketIo.listen(channel, UnixDomainSocketAddress.of(bound), endpoint.backlog(), false, options);
        try {
            Files.setPosixFilePermissions(bound, endpoint.permissions());
            Files.createLink(path, bound);
        } catch (FileAlreadyExistsException e) {
            throw new BindException("another process has just made it");
        } finally {
            Files.delete(bound);
        }
    }

    /**
     * Makes the directory in which sockets are made, and which only one server can be in: else one of two that found the
     * same stale file would delete what the other has put in its place. It is beside the file, since links don't reach
     * across file systems. One that was left behind by a process that was killed is taken over.
     */
    private static Path enterWorkshop(Path path) throws IOException {
        Path workshop = path.resolveSibling("." + path.getFileName() + ".new");
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rwx------");
        for (boolean again = true; ; again = false) {
            try {
                return Files.createDirectory(workshop, PosixFilePermissions.asFileAttribute(ours));
            } catch (FileAlreadyExistsException e) {
                if (!again || !isAbandoned(workshop)) {
                    throw new BindException(
                            "another server is being started on it at this moment; if there is none, remove "
                                    + workshop);
                }
                Files.deleteIfExists(workshop.resolve(INSIDE));
                Files.deleteIfExists(workshop);
            }
        }
    }

    private static boolean isAbandoned(Path workshop) throws IOException {
        Instant made =
                Files.getLastModifiedTime(workshop, LinkOption.NOFOLLOW_LINKS).toInstant();
        return made.isBefore(Instant.now().minus(LONGEST_STAY));
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
