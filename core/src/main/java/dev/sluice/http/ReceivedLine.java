// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The request line of a request that is refused, as it was received, good or bad: as far as it has come, and no more of it
 * than a log shows.
 */
final class ReceivedLine {
    /** Most bytes that are kept of a line. */
    static final int MOST_BYTES = 2048;

    private static final byte[] HEAD = "HEAD ".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final boolean cut; // there was more of it

    private ReceivedLine(byte[] bytes, boolean cut) {
        this.bytes = bytes;
        this.cut = cut;
    }

    /** The one that begins at an index, behind one empty line if there is one; null if nothing of it has come. */
    static ReceivedLine at(ByteBuffer in, int base) {
        int from = base;
        if (in.limit() - from >= 2 && in.get(from) == '\r' && in.get(from + 1) == '\n') {
            from += 2;
        }
        int most = Math.min(in.limit(), from + MOST_BYTES);
        int to = from;
        while (to < most && in.get(to) != '\r' && in.get(to) != '\n') {
            to++;
        }
        if (to == from) {
            return null;
        }
        byte[] bytes = new byte[to - from];
        in.get(from, bytes);
        return new ReceivedLine(bytes, to - from == MOST_BYTES);
    }

    /** That of a request whose line was good. */
    static ReceivedLine of(HttpRequest request) {
        ByteBuffer rest = request.behindMethod();
        byte[] method = (request.method() + ' ').getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = Arrays.copyOf(method, Math.min(MOST_BYTES, method.length + rest.remaining()));
        rest.get(bytes, method.length, bytes.length - method.length);
        return new ReceivedLine(bytes, rest.hasRemaining());
    }

    byte[] bytes() {
        return bytes;
    }

    boolean isCut() {
        return cut;
    }

    /** Whether it asks for a head alone. */
    boolean isHead() {
        return bytes.length >= HEAD.length && Arrays.equals(bytes, 0, HEAD.length, HEAD, 0, HEAD.length);
    }
}
