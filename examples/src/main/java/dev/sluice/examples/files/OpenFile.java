// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.http.HttpReplyFields;
import dev.sluice.http.Validators;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that is open, with what its replies say of it. It is closed when all who have retained it have released it.
 * Any thread.
 */
final class OpenFile {
    private static final int TRIES = 3;

    private final Path asked;
    private final FileChannel channel;
    private final BasicFileAttributes attributes;
    private final String type;
    private final Validators validators;
    private final HttpReplyFields fields;
    private final AtomicInteger users = new AtomicInteger(1);
    private final Runnable releasing = this::release;

    private OpenFile(
            Path asked, FileChannel channel, BasicFileAttributes attributes, String type, HttpReplyFields more) {
        this.asked = asked;
        this.channel = channel;
        this.attributes = attributes;
        this.type = type;
        FileTime changed = attributes.lastModifiedTime();
        String tag = '"' + Long.toHexString(changed.toMillis()) + '-' + Long.toHexString(attributes.size()) + '"';
        this.validators = new Validators(tag, changed.toInstant());
        HttpReplyFields tagged = more == null ? HttpReplyFields.of("ETag", tag) : more.and("ETag", tag);
        this.fields = tagged.and("Last-Modified", validators.lastModifiedText());
    }

    /**
     * Opens a file, of which its caller is the first user.
     *
     * @param asked its path as it was asked for, before links were followed
     * @param real where they lead
     * @param type its content type
     * @param more fields of its replies, or null
     * @throws IOException if it can't be opened, or others put another in its place all the time
     */
    static OpenFile open(Path asked, Path real, String type, HttpReplyFields more) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            BasicFileAttributes before = Files.readAttributes(real, BasicFileAttributes.class);
            FileChannel channel = FileChannel.open(real, StandardOpenOption.READ);
            OpenFile file = null;
            try {
                if (isSame(before, Files.readAttributes(real, BasicFileAttributes.class))) { // so it is what was opened
                    file = new OpenFile(asked, channel, before, type, more);
                    return file;
                }
            } finally {
                if (file == null) {
                    channel.close();
                }
            }
        }
        throw new IOException(real + " was replaced while it was opened");
    }

    private static boolean isSame(BasicFileAttributes one, BasicFileAttributes other) {
        return one.size() == other.size()
                && one.lastModifiedTime().equals(other.lastModifiedTime())
                && Objects.equals(one.fileKey(), other.fileKey());
    }

    /** One more who uses it; false if it was closed meanwhile. */
    boolean retain() {
        int now = users.get();
        while (now > 0 && !users.compareAndSet(now, now + 1)) {
            now = users.get();
        }
        return now > 0;
    }

    /** One fewer. */
    void release() {
        if (users.decrementAndGet() == 0) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // it was open for reading, so this loses nothing; but say so
            }
        }
    }

    /** {@link #release}, as an object that is made once. */
    Runnable releasing() {
        return releasing;
    }

    /** Whether another file in its place could be told from it. */
    boolean canBeTold() {
        return attributes.fileKey() != null;
    }

    /** Whether it is still what was asked for: links lead to it, and nobody has changed it. */
    boolean isAsItWas() {
        try {
            return isSame(attributes, Files.readAttributes(asked, BasicFileAttributes.class));
        } catch (IOException e) {
            return false;
        }
    }

    /** Its path as it was asked for. */
    Path asked() {
        return asked;
    }

    /** All of it, read anew. */
    ByteBuffer read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) size());
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, bytes.position()) < 0) {
                throw new EOFException(asked + " has become shorter");
            }
        }
        return bytes.flip();
    }

    FileChannel channel() {
        return channel;
    }

    long size() {
        return attributes.size();
    }

    String type() {
        return type;
    }

    Validators validators() {
        return validators;
    }

    /** Of each reply that has some of it. */
    HttpReplyFields fields() {
        return fields;
    }
}
