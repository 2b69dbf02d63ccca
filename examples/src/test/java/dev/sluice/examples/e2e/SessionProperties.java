// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Any messages, split anywhere; and any change of the bytes between. */
final class SessionProperties {

    @Property(tries = 200)
    void whatWasSentArrivesHoweverItIsSplit(
            @ForAll @Size(max = 8) List<@IntRange(max = 2_000) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 5) int recordsPerKey,
            @ForAll Random random)
            throws Exception {
        TwoEnds ends = TwoEnds.ready(recordsPerKey);
        List<byte[]> messages = messages(lengths, random);
        byte[] stream = seal(ends.client, messages);
        int[] splits =
                random.ints(random.nextInt(10), 0, stream.length + 1).sorted().toArray();
        List<Opened> opened = TwoEnds.read(ends.server, stream, splits);
        assertEquals(messages.size() + 1, opened.size());
        for (int i = 0; i < messages.size(); i++) {
            assertArrayEquals(messages.get(i), opened.get(i).bytes());
        }
    }

    /** Whatever is done to the stream, nothing opens that wasn't sent in its place, and in the end there is an error. */
    @Property(tries = 300)
    void whateverIsChangedIsNoticed(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 300) Integer> lengths, @ForAll Random random)
            throws Exception {
        TwoEnds ends = TwoEnds.ready(3);
        List<byte[]> messages = messages(lengths, random);
        byte[] stream = changed(seal(ends.client, messages), random);
        List<Opened> opened = new ArrayList<>();
        RecordFramer framer = new RecordFramer(1 << 20);
        framer.reads(ends.server);
        ByteBuffer in = ByteBuffer.wrap(stream);
        assertThrows(FrameException.class, () -> {
            Opened next;
            while (in.hasRemaining() && (next = framer.next(in)) != null) {
                opened.add(next);
            }
            framer.end(in);
        });
        for (int i = 0; i < opened.size(); i++) {
            byte[] sent = i < messages.size() ? messages.get(i) : new byte[0];
            assertArrayEquals(sent, opened.get(i).bytes());
        }
    }

    private static List<byte[]> messages(List<Integer> lengths, Random random) {
        List<byte[]> messages = new ArrayList<>();
        for (int length : lengths) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            messages.add(message);
        }
        return messages;
    }

    private static byte[] seal(Session from, List<byte[]> messages) throws Exception {
        List<byte[]> records = new ArrayList<>();
        for (byte[] message : messages) {
            records.add(from.seal(ByteBuffer.wrap(message)));
        }
        records.add(from.sealLast());
        return TwoEnds.join(records);
    }

    /** A bit turned, bytes cut out, put in or added, or the end cut off. */
    private static byte[] changed(byte[] stream, Random random) {
        int at = random.nextInt(stream.length);
        int length = 1 + random.nextInt(stream.length - at);
        ByteBuffer out = ByteBuffer.allocate(2 * stream.length + 1);
        switch (random.nextInt(4)) {
            case 0 -> {
                out.put(stream);
                out.put(at, (byte) (stream[at] ^ 1 << random.nextInt(8)));
            }
            case 1 -> out.put(stream, 0, at).put(stream, at + length, stream.length - at - length);
            case 2 -> out.put(stream, 0, at).put(stream, at, length).put(stream, at, stream.length - at);
            default -> out.put(stream).put((byte) random.nextInt());
        }
        byte[] all = new byte[out.position()];
        out.flip().get(all);
        return all;
    }
}
