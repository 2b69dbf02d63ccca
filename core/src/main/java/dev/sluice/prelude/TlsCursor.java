// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/** Reads the presentation language of TLS: numbers, and vectors within vectors (RFC 8446, section 3). */
final class TlsCursor {
    private final ByteBuffer in;
    private final int end;
    private int at;

    TlsCursor(ByteBuffer in, int from, int end) {
        this.in = in;
        this.at = from;
        this.end = end;
    }

    int at() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    /** A byte that stays to be read. */
    int peek(int index) {
        return in.get(at + index) & 0xFF;
    }

    int u8(String what) throws FrameException {
        need(1, what);
        return in.get(at++) & 0xFF;
    }

    int u16(String what) throws FrameException {
        need(2, what);
        at += 2;
        return in.getShort(at - 2) & 0xFFFF;
    }

    void skip(int bytes, String what) throws FrameException {
        need(bytes, what);
        at += bytes;
    }

    /** A vector with one byte for its length. */
    TlsCursor vector8(int least, int most, String what) throws FrameException {
        return vector(at, u8(what), least, most, what);
    }

    /** A vector with two bytes for its length. */
    TlsCursor vector16(int least, String what) throws FrameException {
        return vector(at, u16(what), least, 0xFFFF, what);
    }

    private TlsCursor vector(int begin, int length, int least, int most, String what) throws FrameException {
        if (length < least || length > most || length > end - at) {
            throw malformed(begin, what + " of a wrong length");
        }
        at += length;
        return new TlsCursor(in, at - length, at);
    }

    /** Nothing may be left. */
    void finish(String what) throws FrameException {
        if (at < end) {
            throw malformed(at, "bytes behind " + what);
        }
    }

    private void need(int bytes, String what) throws FrameException {
        if (end - at < bytes) {
            throw malformed(at, what + " cut short");
        }
    }

    private static FrameException malformed(int offset, String what) {
        return FrameException.malformed(offset, what, TlsAlert.DECODE_ERROR);
    }
}
