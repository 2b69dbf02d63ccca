// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a stream into netstrings: the length in decimal digits, a colon, so many bytes, a comma, as in {@code 5:hello,}.
 * A frame is a view of the bytes between colon and comma, valid until the next call. An example of a framer of one's own:
 * it uses nothing but {@code dev.sluice.frame}.
 */
public final class NetstringFramer implements Framer<ByteBuffer> {
    /** Writes bytes as a netstring. */
    public static final Encoder<ByteBuffer> ENCODER = (contents, out) -> {
        out.put(ByteBuffer.wrap((contents.remaining() + ":").getBytes(StandardCharsets.US_ASCII)));
        out.put(contents);
        out.room(1).put((byte) ',');
    };

    private static final int SHORTEST = 3; // "0:,"

    private final int maxFrameBytes;
    private final FrameView view = new FrameView();

    /**
     * Makes a framer.
     *
     * @param maxFrameBytes most bytes of a netstring with digits, colon and comma, 3 or more
     * @throws IllegalArgumentException if {@code maxFrameBytes} is out of range
     */
    public NetstringFramer(int maxFrameBytes) {
        if (maxFrameBytes < SHORTEST) {
            throw new IllegalArgumentException("maxFrameBytes is " + maxFrameBytes + ", must be 3 or more");
        }
        this.maxFrameBytes = maxFrameBytes;
    }

    // snippet: next
    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        int start = in.position();
        long length = 0;
        for (int at = start; at < in.limit(); at++) {
            byte b = in.get(at);
            if (b == ':' && at > start) {
                return contents(in, start, at + 1, (int) length);
            }
            requireDigit(b, at - start, length);
            length = 10 * length + (b - '0');
            long frameBytes = (at + 1 - start) + 1 + length + 1; // if the digits end here; more make it only longer
            if (frameBytes > maxFrameBytes) {
                throw FrameException.tooLong(frameBytes, maxFrameBytes);
            }
        }
        return null; // not even the header is complete
    }

    private ByteBuffer contents(ByteBuffer in, int start, int from, int length) throws FrameException {
        int comma = from + length;
        if (comma >= in.limit()) {
            return null; // nothing is consumed: all of it is shown again, with more behind
        }
        if (in.get(comma) != ',') {
            throw FrameException.malformed(comma - start, "no comma");
        }
        in.position(comma + 1);
        return view.of(in, from, comma);
    }
    // end snippet

    private static void requireDigit(byte b, int index, long before) throws FrameException {
        if (b < '0' || b > '9') {
            throw FrameException.malformed(index, "no digit");
        }
        if (index > 0 && before == 0) {
            throw FrameException.malformed(0, "zero in front of the length");
        }
    }

    // snippet: rest
    /** Always true: the few digits of an unfinished frame are read again, which costs less than to remember them. */
    @Override
    public boolean atBoundary() {
        return true;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public ByteBuffer detach(ByteBuffer frame) {
        return FrameView.copy(frame);
    }
    // end snippet
}
