// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;

/** A plain framer of lines that keeps the contract, to be broken in one place at a time. */
class BrokenLines implements Framer<ByteBuffer> {
    final int max;
    int scanned;

    BrokenLines(int max) {
        this.max = max;
    }

    @Override
    public ByteBuffer next(ByteBuffer in) throws FrameException {
        int start = in.position();
        int end = start + Math.min(in.remaining(), max);
        for (int at = start + scanned; at < end; at++) {
            if (in.get(at) == '\n') {
                scanned = 0;
                in.position(at + 1);
                return in.duplicate().limit(at).position(start);
            }
        }
        return unfinished(end - start);
    }

    ByteBuffer unfinished(int bytes) throws FrameException {
        if (bytes == max) {
            throw FrameException.tooLong(bytes + 1, max);
        }
        scanned = bytes;
        return null;
    }

    @Override
    public boolean atBoundary() {
        return scanned == 0;
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    @Override
    public ByteBuffer detach(ByteBuffer frame) {
        return ByteBuffer.allocate(frame.remaining()).put(frame.duplicate()).flip();
    }
}
