// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * For framers whose frames are views of the bytes: gives a view of a stretch of a buffer without making a new
 * {@code ByteBuffer} for each frame. Readers show a framer few buffers over and over, so the last two duplicates are
 * kept. Not for frames that are kept: the view changes with the next call.
 */
public final class FrameView {
    /** A view keeps its buffer, though that was given back long ago and is counted no more; larger ones it must not. */
    private static final int MAX_KEPT_HEAP = 4 * 1024;

    private ByteBuffer source;
    private ByteBuffer view;
    private ByteBuffer otherSource;
    private ByteBuffer otherView;

    /** Makes one that has seen no buffer yet; each framer has its own. */
    public FrameView() {}

    /**
     * Returns a view of {@code in} from {@code from} to {@code to}, both absolute indexes. It is valid until the next
     * call.
     */
    public ByteBuffer of(ByteBuffer in, int from, int to) {
        if (in != source) {
            if (!isWorthKeeping(in)) {
                return in.duplicate().limit(to).position(from);
            }
            change(in);
        }
        return view.limit(to).position(from).order(ByteOrder.BIG_ENDIAN);
    }

    /** Lets go of buffers on the heap, which are lent, so that none stays because a view of it was made once. */
    public void forget() {
        if (source != null && !source.isDirect() || otherSource != null && !otherSource.isDirect()) {
            source = null;
            view = null;
            otherSource = null;
            otherView = null;
        }
    }

    /** Returns a heap copy of a frame's bytes, from position to limit; the position of {@code frame} stays. */
    public static ByteBuffer copy(ByteBuffer frame) {
        int length = frame.remaining();
        byte[] bytes = new byte[length];
        frame.get(frame.position(), bytes, 0, length);
        return ByteBuffer.wrap(bytes);
    }

    private static boolean isWorthKeeping(ByteBuffer in) {
        return in.isDirect() || in.capacity() <= MAX_KEPT_HEAP;
    }

    private void change(ByteBuffer in) {
        ByteBuffer duplicate = in == otherSource ? otherView : in.duplicate();
        otherSource = source;
        otherView = view;
        source = in;
        view = duplicate;
    }
}
