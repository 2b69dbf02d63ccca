// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.Output;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** The body of a reply that is sent whole: a text, or bytes, or a small part of a file, or none. Kept and used again. */
final class ReplyBody {
    private String text;
    private boolean ascii; // the text
    private ByteBuffer bytes;
    private FileChannel file;
    private long position; // in the file
    private long length;

    /** Returns its length in bytes. */
    long text(String newText) {
        text = newText;
        ascii = Utf8.isAscii(newText);
        length = ascii ? newText.length() : Utf8.length(newText);
        return length;
    }

    /** Returns its length in bytes. */
    long bytes(ByteBuffer newBytes) {
        bytes = newBytes;
        length = newBytes.remaining();
        return length;
    }

    /** Up to {@link Output#MAX_ROOM} of a file, which is read when this is encoded. */
    void file(FileChannel newFile, long newPosition, int newLength) {
        file = newFile;
        position = newPosition;
        length = newLength;
    }

    /** Compresses it. Returns its length in bytes. */
    long compress() {
        ByteBuffer raw = text == null ? bytes : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        if (file != null) {
            raw = ByteBuffer.allocate((int) length);
            readFile(raw, (int) length);
            raw.flip();
            file = null;
        }
        HeapOutput coded = new HeapOutput();
        GzipCoder coder = new GzipCoder(raw.remaining(), coded::put);
        try {
            coder.put(raw, false, () -> true);
            coder.finish();
        } finally {
            coder.end();
        }
        text = null;
        return bytes(coded.toBuffer());
    }

    /** Its length in bytes. */
    long length() {
        return length;
    }

    /** Nothing of it is kept. */
    void clear() {
        text = null;
        bytes = null;
        file = null;
        length = 0;
    }

    private void readFile(ByteBuffer into, int count) {
        int limit = into.limit();
        int end = into.position() + count;
        try {
            for (long at = position; into.position() < end; ) {
                int n = file.read(into.limit(end), at);
                if (n < 0) {
                    throw new EOFException(
                            "the file has " + (end - into.position()) + " bytes fewer than were to be sent");
                }
                at += n;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            into.limit(limit);
        }
    }

    void encode(ReplyHead head, boolean headOnly, Output out) {
        if (length > 0 && text != null && ascii && !headOnly) {
            head.encode(out, text);
            return;
        }
        head.encode(out);
        if (length > 0 && !headOnly) {
            if (text != null) {
                Utf8.put(out, text, length);
            } else if (file != null) {
                readFile(out.room((int) length), (int) length);
            } else {
                out.put(bytes);
            }
        }
    }
}
