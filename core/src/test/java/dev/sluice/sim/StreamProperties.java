// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class StreamProperties {
    private static final int SENDS = 700;
    private static final int RECEIVES = 300;

    /** Positive steps write that many bytes, negative ones take as many, and 0 delivers. */
    @Property
    void whatIsWrittenIsTakenInOrderWithinBothBuffers(
            @ForAll @Size(max = 200) List<@IntRange(min = -400, max = 400) Integer> steps) {
        Stream stream = new Stream();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        byte next = 0;
        for (int step : steps) {
            if (step > 0) {
                byte[] bytes = new byte[Math.min(step, stream.room(SENDS))];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = next++;
                }
                stream.write(ByteBuffer.wrap(bytes), bytes.length);
                written.writeBytes(bytes);
            } else if (step < 0) {
                take(stream, -step, taken);
            }
            if (step % 3 == 0) {
                stream.arrive(stream.position(), RECEIVES);
            }
            assertTrue(stream.unsent() <= SENDS && stream.available() <= RECEIVES);
            assertEquals(written.size() - taken.size(), stream.unsent() + stream.available());
        }
        stream.end();
        while (!stream.endArrived()) {
            stream.arrive(stream.position(), RECEIVES);
            take(stream, RECEIVES, taken);
        }
        take(stream, RECEIVES, taken);
        assertArrayEquals(written.toByteArray(), taken.toByteArray());
        assertEquals(0, stream.room(SENDS));
    }

    private static void take(Stream stream, int most, ByteArrayOutputStream taken) {
        ByteBuffer into = ByteBuffer.allocate(Math.max(0, most));
        int n = stream.take(into, most);
        assertEquals(n, into.position());
        taken.write(into.array(), 0, n);
    }
}
