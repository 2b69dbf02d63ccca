// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class HeldBytesProperties {

    /** Positive steps append that many bytes, negative ones take as many. */
    @Property
    void whatGoesInComesOutInOrder(@ForAll @Size(max = 100) List<@IntRange(min = -3000, max = 3000) Integer> steps) {
        BufferPool pool = new BufferPool(new Lease(new SharedBytes(1L << 30)));
        HeldBytes held = pool.hold(1);
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte next = 0;
        for (int step : steps) {
            if (step > 0) {
                byte[] bytes = new byte[step];
                for (int i = 0; i < step; i++) {
                    bytes[i] = next++;
                }
                in.writeBytes(bytes);
                if (step % 2 == 0) {
                    held.append(ByteBuffer.wrap(bytes));
                } else {
                    held.room(step + 5).put(bytes);
                    held.committed();
                }
            } else if (step < 0) {
                ByteBuffer view = held.view();
                byte[] bytes = new byte[Math.min(-step, view.remaining())];
                view.get(bytes);
                held.consumed();
                out.writeBytes(bytes);
            }
            assertEquals(in.size() - out.size(), held.size());
        }
        byte[] rest = new byte[held.size()];
        held.view().get(rest);
        held.consumed();
        out.writeBytes(rest);
        assertArrayEquals(in.toByteArray(), out.toByteArray());
        held.release();
        assertEquals(0, pool.lent());
    }
}
