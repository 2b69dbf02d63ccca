// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A client's and a server's session, whose bytes a test carries. */
final class TwoEnds {
    static final ServerKey KEY = ServerKey.generate();

    final Session client;
    final Session server;

    private TwoEnds(Trust trust, ServerKey key, long recordsPerKey) throws GeneralSecurityException {
        client = Session.ofClient(trust, recordsPerKey);
        server = Session.ofServer(key, recordsPerKey);
    }

    /** Before the handshake. */
    static TwoEnds apart(Trust trust, ServerKey key) throws GeneralSecurityException {
        return new TwoEnds(trust, key, RecordKey.RECORDS_PER_KEY);
    }

    /** Behind the handshake. */
    static TwoEnds ready(long recordsPerKey) throws Exception {
        TwoEnds ends = new TwoEnds(Trust.pinned(KEY.publicKey()), KEY, recordsPerKey);
        ends.shakeHands();
        return ends;
    }

    void shakeHands() throws Exception {
        client.read(withoutLength(server.read(withoutLength(client.hello())).bytes()));
    }

    static byte[] withoutLength(byte[] record) {
        return Arrays.copyOfRange(record, Session.LENGTH_BYTES, record.length);
    }

    /** Shows a session a stream in pieces, as a Reader does, and ends it if nothing is wrong. */
    static List<Opened> read(Session session, byte[] stream, int... splits) throws FrameException {
        RecordFramer framer = new RecordFramer(1 << 20);
        framer.reads(session);
        List<Opened> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= splits.length; i++) {
            int to = i == splits.length ? stream.length : splits[i];
            ByteBuffer in = ByteBuffer.wrap(stream, from, to - from);
            Opened opened;
            while (in.hasRemaining() && (opened = framer.next(in)) != null) {
                all.add(opened);
            }
            from = in.position();
        }
        framer.end(ByteBuffer.wrap(stream, from, stream.length - from));
        return all;
    }

    static byte[] join(List<byte[]> parts) {
        int length = parts.stream().mapToInt(part -> part.length).sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        parts.forEach(all::put);
        return all.array();
    }
}
