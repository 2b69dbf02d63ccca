// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.resp.RespRequest;
import dev.sluice.resp.RespRequestFramer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StoreTest {
    private final long[] now = {1000};
    private final Store store = new Store(1 << 30, () -> now[0], 7);
    private final RespRequestFramer framer = new RespRequestFramer(1 << 20);

    @Test
    void findsWhatWasPutWhileItGrowsAndShrinks() throws FrameException {
        for (int i = 0; i < 10_000; i++) {
            put("key" + i, "v" + i);
        }
        assertEquals(10_000, store.count());
        for (int i = 0; i < 10_000; i++) {
            Entry entry = store.find(request("get key" + i), 1);
            assertEquals("v" + i, new String(entry.value, 0, entry.length, StandardCharsets.US_ASCII));
            if (i % 100 != 0) {
                store.remove(entry);
            }
        }
        assertEquals(100, store.count());
        assertNull(store.find(request("get key1"), 1));
        assertFalse(store.find(request("get key100"), 1) == null);
        store.clear();
        assertEquals(0, store.usedBytes());
    }

    /** What is there all the time is seen, though the table is doubled and halved between the steps. */
    @Test
    void aScanSeesEverythingThatStays() throws FrameException {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            put("stays" + i, "v");
        }
        Set<String> seen = new HashSet<>();
        long cursor = 0;
        int others = 0;
        do {
            cursor = store.scan(cursor, entry -> seen.add(new String(entry.key, StandardCharsets.US_ASCII)));
            if (random.nextInt(50) == 0) {
                boolean grow = others < 20_000;
                for (int i = 0; i < 5000; i++) {
                    if (grow) {
                        put("other" + others++, "v");
                    } else {
                        store.remove(store.find(request("get other" + --others), 1));
                    }
                }
            }
        } while (cursor != 0);
        seen.removeIf(key -> !key.startsWith("stays"));
        assertEquals(1000, seen.size());
    }

    @Test
    void aSweepRemovesWhatHasExpiredAndKeepsTheRest() throws FrameException {
        for (int i = 0; i < 100_000; i++) {
            put("key" + i, "v");
            store.expires(store.find(request("get key" + i), 1), i % 2 == 0 ? 2000 : 3000);
        }
        now[0] = 2000;
        int sweeps = 0;
        while (store.expired() < 50_000 && sweeps++ < 1000) {
            store.sweep();
        }
        assertEquals(50_000, store.count());
        assertEquals(50_000, store.expiring());
        store.sweep();
        assertEquals(50_000, store.count());
    }

    @Test
    void countsTheBytesOfKeysAndValues() throws FrameException {
        put("k", "12345");
        assertEquals(Store.ENTRY_BYTES + 1 + 5, store.usedBytes());
        put("k", "1234");
        assertEquals(Store.ENTRY_BYTES + 1 + 5, store.usedBytes(), "in the same array");
        assertTrue(store.isFull(1L << 30));
        assertFalse(store.isFull(1 << 20));
    }

    @Test
    void refusesABoundThatHoldsNothing() {
        assertThrows(IllegalArgumentException.class, () -> new Store(1023, () -> 0, 0));
    }

    private void put(String key, String value) throws FrameException {
        RespRequest request = request("set " + key + " " + value);
        store.begin();
        Entry entry = store.findOrAdd(request, 1);
        int before = entry.value.length;
        entry.set(request, 2);
        store.changed(entry.value.length - before);
    }

    private RespRequest request(String line) throws FrameException {
        return framer.next(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }
}
