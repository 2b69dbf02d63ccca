// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the JDK's own reader makes of what is compressed. */
class GzipCoderTest {
    private final ByteArrayOutputStream coded = new ByteArrayOutputStream();
    private final Consumer<ByteBuffer> out = piece -> {
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        coded.writeBytes(bytes);
    };

    private static byte[] bytes(int size, boolean random) {
        byte[] bytes = new byte[size];
        if (random) {
            new Random(size).nextBytes(bytes);
        } else {
            Arrays.fill(bytes, (byte) 'a');
        }
        return bytes;
    }

    private byte[] decoded() throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 8191, 8192, 8193, 100_000, 1_000_000})
    void bodiesOfAllSizesComeBack(int size) throws IOException {
        for (boolean random : new boolean[] {true, false}) {
            for (boolean flush : new boolean[] {true, false}) {
                coded.reset();
                byte[] bytes = bytes(size, random);
                GzipCoder coder = new GzipCoder(size, out);
                for (int at = 0; at < size; at += 10_000) {
                    ByteBuffer part = ByteBuffer.wrap(bytes, at, Math.min(10_000, size - at));
                    coder.put(flush ? part.asReadOnlyBuffer() : part, flush, () -> true);
                    assertEquals(Math.min(10_000, size - at), part.remaining());
                }
                coder.finish();
                coder.end();
                assertArrayEquals(bytes, decoded());
            }
        }
    }

    @Test
    void directBytesComeBack() throws IOException {
        byte[] bytes = bytes(50_000, true);
        GzipCoder coder = new GzipCoder(10, out);
        coder.put(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), false, () -> true);
        coder.finish();
        coder.end();
        assertArrayEquals(bytes, decoded());
    }

    @Test
    void whatIsFlushedCanBeReadAtOnce() throws IOException {
        GzipCoder coder = new GzipCoder(Integer.MAX_VALUE, out);
        coder.put(ByteBuffer.wrap("event one".getBytes()), true, () -> true);
        byte[] got = new byte[9];
        assertEquals(9, new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readNBytes(got, 0, 9));
        assertEquals("event one", new String(got));
        int before = coded.size();
        coder.put(ByteBuffer.wrap("event two".getBytes()), false, () -> true);
        assertEquals(before, coded.size());
        coder.end();
    }

    @Test
    void whoeverWantsNoMoreIsSpared() {
        GzipCoder coder = new GzipCoder(Integer.MAX_VALUE, out);
        int[] asked = {0};
        coder.put(ByteBuffer.wrap(bytes(1_000_000, true)), true, () -> ++asked[0] < 4);
        coder.end();
        assertTrue(coded.size() < 100_000, "bytes " + coded.size());
    }

    @Test
    void permitsAreCounted() {
        GzipPermits permits = new GzipPermits(2);
        assertTrue(permits.take() && permits.take() && !permits.take());
        assertEquals(2, permits.taken());
        permits.giveBack();
        assertTrue(permits.take());
    }
}
