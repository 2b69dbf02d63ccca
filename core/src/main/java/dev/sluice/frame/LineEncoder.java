// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes a line and its ending. A message that holds a byte of the ending is refused: it would arrive as more than one
 * line, and what a stranger put into a message must not become a command. The position of a message stays where it is.
 *
 * <pre>{@code
 * Encoder<ByteBuffer> bytes = LineEncoder.CRLF;
 * Encoder<String> text = LineEncoder.CRLF.text();
 * }</pre>
 */
public final class LineEncoder implements Encoder<ByteBuffer> {
    /** Ends lines with LF. A CR is content, as it is for {@link LineEnding#LF}. */
    public static final LineEncoder LF = new LineEncoder("\n");

    /** Ends lines with CR LF, and refuses either of them alone too. */
    public static final LineEncoder CRLF = new LineEncoder("\r\n");

    private final byte[] ending;

    private LineEncoder(String ending) {
        this.ending = ending.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Appends the line and its ending.
     *
     * @throws IllegalArgumentException if the line holds a byte of the ending; the message says at which offset
     */
    @Override
    public void encode(ByteBuffer message, Output out) {
        // The scan takes the bytes of a word as big endian, which is how a duplicate begins.
        ByteBuffer line = message.order() == ByteOrder.BIG_ENDIAN ? message : message.duplicate();
        int start = line.position();
        int length = line.remaining();
        int lineBreak = ending.length == 1
                ? ByteScan.lineFeed(line, start, line.limit())
                : ByteScan.lineBreak(line, start, line.limit());
        if (lineBreak >= 0) {
            throw new IllegalArgumentException((line.get(lineBreak) == '\n' ? "LF" : "CR") + " at offset "
                    + (lineBreak - start) + " of a line of " + length + " bytes, which is part of its ending");
        }
        if (length <= Output.MAX_ROOM - ending.length) {
            ByteBuffer room = out.room(length + ending.length);
            int at = room.position();
            room.put(at, line, start, length).position(at + length);
            room.put(ending);
        } else {
            out.put(line);
            out.room(ending.length).put(ending);
        }
    }

    /** Returns an encoder with this ending for text, as UTF-8; an unpaired surrogate becomes a question mark. */
    public Encoder<String> text() {
        return (line, out) -> encode(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)), out);
    }
}
