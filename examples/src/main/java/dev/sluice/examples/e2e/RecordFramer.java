// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/** Cuts a stream into records and opens each with the session of its connection, which it is told before. */
final class RecordFramer implements Framer<Opened> {
    private final int maxRecordBytes;
    private Session session;

    RecordFramer(int maxFrameBytes) {
        maxRecordBytes = Math.min(maxFrameBytes - Session.LENGTH_BYTES, Session.RECORD_BYTES);
    }

    /** What comes next is of that session. */
    void reads(Session itsSession) {
        session = itsSession;
    }

    // snippet: next
    @Override
    public Opened next(ByteBuffer in) throws FrameException {
        int start = in.position();
        if (in.remaining() < Session.LENGTH_BYTES) {
            return null;
        }
        int length = in.getShort(start) & 0xffff;
        if (length > maxRecordBytes) { // before anything is collected for it
            throw FrameException.tooLong(length, maxRecordBytes).about(E2eFailure.TOO_LONG);
        }
        if (in.remaining() < Session.LENGTH_BYTES + length) {
            return null;
        }
        byte[] record = new byte[length];
        in.position(start + Session.LENGTH_BYTES).get(record);
        try {
            return session.read(record);
        } catch (E2eException e) {
            throw FrameException.malformed(0, e.getMessage()).about(e.failure());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK can't do what it has to", e);
        }
    }

    @Override
    public Opened end(ByteBuffer in) throws FrameException {
        try {
            session.ended();
        } catch (E2eException e) {
            throw FrameException.truncated(in.remaining()).about(e.failure());
        }
        return Framer.super.end(in);
    }
    // end snippet

    /** Always: the length of an unfinished record is read again. */
    @Override
    public boolean atBoundary() {
        return true;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS; // only in order do they open
    }

    @Override
    public Opened detach(Opened frame) {
        return frame;
    }
}
