// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.HeapOutput;
import dev.sluice.frame.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The body of a reply that is sent whole: a text, or bytes, or none. Kept and used again. */
final class ReplyBody {
    private String text;
    private boolean ascii; // the text
    private ByteBuffer bytes;
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

    /** Compresses it. Returns its length in bytes. */
    long compress() {
        ByteBuffer raw = text == null ? bytes : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
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
        length = 0;
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
            } else {
                out.put(bytes);
            }
        }
    }
}
