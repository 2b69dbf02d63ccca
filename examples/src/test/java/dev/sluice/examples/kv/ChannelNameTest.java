// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChannelNameTest {
    private final Channels channels = new Channels(new Store(1 << 20, () -> 0, 42));

    @Test
    void namesMadeToCollideDoNotCollide() {
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 1024; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 10; bit++) {
                name.append((i >> bit & 1) == 0 ? "aA" : "BB"); // of the same hash, as text and as a ByteBuffer
            }
            hashes.add(channels.name(name.toString().getBytes(ISO_8859_1)).hashCode());
        }
        assertTrue(hashes.size() > 1000, () -> hashes.size() + " different hashes of 1024");
    }

    @Test
    void equalBytesAreTheSameName() {
        assertEquals(channels.name(new byte[] {1, 2}), channels.name(new byte[] {1, 2}));
    }
}
