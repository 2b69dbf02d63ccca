// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.FramerFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a fuzzer may hit on, the harness of the fuzz targets must see. */
class FramerFuzzTest {
    private static final String STREAM = "\none\ntwo\nthree\nfour\n0123456789\n";

    @Test
    void findsNothingInAFramerThatKeepsTheContract() {
        FramerFuzz.of(BrokenLines::new).check(bytes(STREAM));
        FramerFuzz.of(BrokenLines::new).maxFrameBytes(8).check(bytes(STREAM));
        FramerFuzz.of(BrokenLines::new).check(bytes("unfinished"));
        FramerFuzz.of(BrokenLines::new).check(new byte[0]);
        FramerFuzz.of(BrokenLines::new).check(new byte[1]);
    }

    @Test
    void findsAnOutcomeThatDependsOnTheSplit() {
        assertFinds("SAME_AT_EVERY_SPLIT", max -> new BrokenLines(max) {
            @Override
            ByteBuffer unfinished(int bytes) throws FrameException {
                super.unfinished(bytes);
                scanned++; // so an ending that comes next is not seen
                return null;
            }
        });
    }

    @Test
    void findsAFrameThatConsumesNothing() {
        assertFinds("the position stayed", max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) {
                return in.slice();
            }
        });
    }

    @Test
    void findsALimitThatIsNotKept() {
        assertFinds("LIMITED", max -> new BrokenLines(Integer.MAX_VALUE));
    }

    @Test
    void findsAStateThatIsLeftBehind() {
        assertFinds("HOLDS_NOTHING", max -> new BrokenLines(max) {
            @Override
            public boolean atBoundary() {
                return true;
            }
        });
    }

    @Test
    void findsMemoryThatIsAllocatedForAClaim() {
        assertFinds("bytes were allocated for a stream of", max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                ByteBuffer room = ByteBuffer.allocate(1 << 20);
                return room.hasRemaining() ? super.next(in) : room;
            }
        });
    }

    @Test
    void findsAnExceptionThatIsNoFrameException() {
        RuntimeException thrown =
                assertThrows(IllegalStateException.class, () -> FramerFuzz.of(max -> new BrokenLines(max) {
                            @Override
                            ByteBuffer unfinished(int length) {
                                throw new IllegalStateException("no line");
                            }
                        })
                        .check(bytes("x")));
        assertTrue(thrown.getMessage().contains("no line"), thrown::toString);
    }

    private static void assertFinds(String message, FramerFactory<ByteBuffer> factory) {
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> FramerFuzz.of(factory).maxFrameBytes(8).check(bytes(STREAM)));
        assertTrue(found.getMessage().contains(message), found::toString);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
