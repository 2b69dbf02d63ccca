// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Reads what stands around the data of a chunked body (RFC 9112, 7.1), one byte after another: sizes, extensions and line
 * ends, each by the letter of the grammar.
 */
final class ChunkedBody {
    private enum Phase {
        SIZE,
        SPACE_BEFORE_EXTENSION,
        SPACE_BEFORE_NAME,
        NAME,
        SPACE_BEFORE_EQUALS,
        SPACE_BEFORE_VALUE,
        VALUE,
        QUOTED,
        ESCAPED,
        BEHIND_QUOTED,
        LINE_FEED,
        DATA,
        CR_AFTER_DATA,
        LF_AFTER_DATA,
        TRAILERS
    }

    private static final int MOST_DIGITS = 16;

    private final long bodyBytes;
    private final int extensionBytes;
    private Phase phase = Phase.SIZE;
    private int digits;
    private long left; // of the chunk's data
    private long size; // of all chunks so far
    private int extensions; // bytes of them

    ChunkedBody(HttpLimits limits) {
        this.bodyBytes = limits.bodyBytes();
        this.extensionBytes = limits.extensionBytes();
    }

    void begin() {
        phase = Phase.SIZE;
        digits = 0;
        left = 0;
        size = 0;
        extensions = 0;
    }

    /** Bytes of the data of all chunks that have begun. */
    long size() {
        return size;
    }

    /** Bytes of data that come next. */
    long left() {
        return left;
    }

    boolean isData() {
        return phase == Phase.DATA;
    }

    /** Whether the last chunk has been, and the trailer section comes next. */
    boolean isTrailers() {
        return phase == Phase.TRAILERS;
    }

    /** So many bytes of data were read. */
    void took(int bytes) {
        left -= bytes;
        if (left == 0) {
            phase = Phase.CR_AFTER_DATA;
        }
    }

    /** Reads on from index {@code from} until data or trailers come next, or bytes run out. Returns the index it came to. */
    int read(ByteBuffer in, int base, int from, int end) throws FrameException {
        int i = from;
        while (i < end && phase != Phase.DATA && phase != Phase.TRAILERS) {
            byte b = in.get(i);
            switch (phase) {
                case SIZE -> size(b, i - base);
                case CR_AFTER_DATA -> {
                    require(b == '\r', i - base, "data of a chunk beyond its size");
                    phase = Phase.LF_AFTER_DATA;
                }
                case LF_AFTER_DATA -> {
                    require(b == '\n', i - base, "a carriage return without line feed");
                    phase = Phase.SIZE;
                    digits = 0;
                }
                case LINE_FEED -> {
                    require(b == '\n', i - base, "a carriage return without line feed");
                    beginData();
                }
                default -> {
                    extension(b, i - base);
                    if (++extensions > extensionBytes) {
                        throw Refusal.extensionsTooLong(extensionBytes);
                    }
                }
            }
            i++;
        }
        return i;
    }

    private void size(byte b, int offset) throws FrameException {
        int digit = HttpBytes.hex(b);
        if (digit < 0) {
            require(digits > 0, offset, "no size of a chunk");
            behindSizeOrValue(b, offset);
            return;
        }
        if (digits == 0) {
            left = 0;
        }
        require(++digits <= MOST_DIGITS && left >>> 59 == 0, offset, "size of a chunk out of range");
        left = left << 4 | digit;
    }

    private void beginData() throws FrameException {
        if (left == 0) {
            phase = Phase.TRAILERS;
            return;
        }
        if (left > bodyBytes - size) {
            throw Refusal.bodyTooLong(bodyBytes);
        }
        size += left;
        phase = Phase.DATA;
    }

    private void extension(byte b, int offset) throws FrameException {
        switch (phase) {
            case SPACE_BEFORE_EXTENSION -> {
                if (!HttpBytes.isSpace(b)) {
                    require(b == ';', offset, "white space behind the size of a chunk");
                    phase = Phase.SPACE_BEFORE_NAME;
                }
            }
            case SPACE_BEFORE_NAME -> {
                if (!HttpBytes.isSpace(b)) {
                    require(HttpBytes.isToken(b), offset, "a chunk extension without a name");
                    phase = Phase.NAME;
                }
            }
            case NAME -> {
                if (!HttpBytes.isToken(b)) {
                    behindName(b, offset);
                }
            }
            case SPACE_BEFORE_EQUALS -> {
                if (!HttpBytes.isSpace(b)) {
                    require(b == '=' || b == ';', offset, "a bad byte in a chunk extension");
                    phase = b == '=' ? Phase.SPACE_BEFORE_VALUE : Phase.SPACE_BEFORE_NAME;
                }
            }
            case SPACE_BEFORE_VALUE -> {
                if (!HttpBytes.isSpace(b)) {
                    require(b == '"' || HttpBytes.isToken(b), offset, "a chunk extension without a value");
                    phase = b == '"' ? Phase.QUOTED : Phase.VALUE;
                }
            }
            case VALUE -> {
                if (!HttpBytes.isToken(b)) {
                    behindSizeOrValue(b, offset);
                }
            }
            case QUOTED -> {
                require(b == '\t' || HttpBytes.isValue(b), offset, "a bad byte in a quoted chunk extension");
                if (b == '\\') {
                    phase = Phase.ESCAPED;
                } else if (b == '"') {
                    phase = Phase.BEHIND_QUOTED;
                }
            }
            case BEHIND_QUOTED -> behindSizeOrValue(b, offset);
            case ESCAPED -> {
                require(b == '\t' || HttpBytes.isValue(b), offset, "a bad byte in a quoted chunk extension");
                phase = Phase.QUOTED;
            }
            default -> throw new IllegalStateException(phase.toString());
        }
    }

    private void behindSizeOrValue(byte b, int offset) throws FrameException {
        switch (b) {
            case '\r' -> phase = Phase.LINE_FEED;
            case ';' -> phase = Phase.SPACE_BEFORE_NAME;
            case ' ', '\t' -> phase = Phase.SPACE_BEFORE_EXTENSION;
            default -> throw Refusal.bad(offset, "a bad byte behind the size of a chunk");
        }
    }

    private void behindName(byte b, int offset) throws FrameException {
        switch (b) {
            case '=' -> phase = Phase.SPACE_BEFORE_VALUE;
            case ' ', '\t' -> phase = Phase.SPACE_BEFORE_EQUALS;
            default -> behindSizeOrValue(b, offset);
        }
    }

    private static void require(boolean right, int offset, String what) throws FrameException {
        if (!right) {
            throw Refusal.bad(offset, what);
        }
    }
}
