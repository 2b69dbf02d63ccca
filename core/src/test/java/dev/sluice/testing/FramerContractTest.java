// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import static dev.sluice.frame.FrameException.Kind.TOO_LONG;
import static dev.sluice.frame.FrameException.Kind.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.frame.FramerFactory;
import dev.sluice.frame.RawFramer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The kit lets a good framer pass, and catches framers that are broken in one place each. */
class FramerContractTest {

    @Test
    void letsAGoodFramerPass() {
        lines(BrokenLines::new).check();
    }

    @Test
    void catchesAFrameWithoutConsuming() {
        assertBroken(Rule.CONSUMES, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                return in.get(in.position()) == 't' ? ByteBuffer.allocate(0) : super.next(in);
            }
        });
    }

    @Test
    void catchesAPositionThatGoesBackwards() {
        assertBroken(Rule.CONSUMES, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                ByteBuffer frame = super.next(in);
                if (frame == null && in.position() > 0) {
                    in.position(in.position() - 1);
                }
                return frame;
            }
        });
    }

    @Test
    void catchesALookAtAllBytesAgain() {
        assertBroken(Rule.LINEAR, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                scanned = 0;
                return super.next(in);
            }
        });
    }

    @Test
    void catchesALookAtAllBytesBehindEachFrame() {
        assertBroken(Rule.LINEAR, max -> new BrokenLines(max) {
            private int sum;

            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                for (int at = in.position(); scanned == 0 && at < in.limit(); at++) {
                    sum = 31 * sum + in.get(at);
                }
                return super.next(in);
            }
        });
    }

    @Test
    void catchesAFramerThatReadsAnEarlierBuffer() {
        assertBroken(Rule.SAME_AT_EVERY_SPLIT, max -> new BrokenLines(max) {
            private ByteBuffer earlier;

            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                int start = in.position();
                int seen = scanned;
                ByteBuffer frame = super.next(in);
                if (frame == null) {
                    earlier = in.duplicate();
                    return null;
                }
                ByteBuffer line = ByteBuffer.allocate(frame.remaining());
                for (int i = 0; i < frame.remaining(); i++) {
                    boolean old = i < seen && earlier.position() + i < earlier.limit();
                    line.put(old ? earlier.get(earlier.position() + i) : in.get(start + i));
                }
                return line.flip();
            }
        });
    }

    @Test
    void catchesAnIgnoredLimit() {
        assertBroken(Rule.LIMITED, max -> new BrokenLines(Integer.MAX_VALUE));
    }

    @Test
    void catchesALimitThatActsOneByteLate() {
        assertBroken(Rule.LIMITED, max -> new BrokenLines(max + 1));
    }

    @Test
    void catchesAFramerThatCollectsBeyondTheLimitItself() {
        assertBroken(Rule.LIMITED, max -> new Collecting(2 * max));
    }

    /** A fuzz target found that skipped bytes were counted as those of the frame behind them. */
    @Test
    void bytesThatAreSkippedBetweenFramesAreNotTakenForTheFrameBehindThem() {
        FramerContract.of(max -> new BrokenLines(max) {
                    @Override
                    public ByteBuffer next(ByteBuffer in) throws FrameException {
                        while (scanned == 0 && in.hasRemaining() && in.get(in.position()) == '\n') {
                            in.get();
                        }
                        return in.hasRemaining() ? super.next(in) : null;
                    }
                })
                .maxFrameBytes(8)
                .accepts("\n\none\n\n\n0123456\n\n", "one", "0123456")
                .rejects("one\n" + "\n".repeat(20) + "01234567\n", TOO_LONG, "one")
                .check();
    }

    @Test
    void catchesAFramerThatTakesTheEndOfTheBufferForTheEndOfTheFrame() {
        assertBroken(Rule.SAME_AT_EVERY_SPLIT, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                int start = in.position();
                ByteBuffer frame = super.next(in);
                if (frame != null || in.remaining() != 2) {
                    return frame;
                }
                scanned = 0;
                return in.position(in.limit()).duplicate().position(start);
            }
        });
    }

    @Test
    void catchesPartsThatGetLost() {
        FramerContract<ByteBuffer, String> contract =
                FramerContract.of(max -> parts(new RawFramer(max)::next)).accepts("some bytes", "some bytes");
        contract.check();

        FramerContract<ByteBuffer, String> broken = FramerContract.of(max -> parts(in -> {
                    ByteBuffer part = in.duplicate();
                    in.position(in.limit());
                    return part.remaining() == 3 ? part.limit(part.limit() - 1) : part;
                }))
                .accepts("some bytes", "some bytes");
        assertBroken(Rule.SAME_AT_EVERY_SPLIT, broken);
    }

    @Test
    void catchesARefusalThatTellsAnotherOffsetAtAnotherSplit() {
        FramerContract<ByteBuffer, String> broken = FramerContract.of(max -> new BrokenLines(max) {
                    @Override
                    public ByteBuffer next(ByteBuffer in) throws FrameException {
                        if (in.get(in.limit() - 1) == '!') {
                            throw FrameException.malformed(in.remaining() - scanned, "exclamation");
                        }
                        return super.next(in);
                    }
                })
                .rejects("so far!", FrameException.Kind.MALFORMED);
        assertBroken(Rule.SAME_AT_EVERY_SPLIT, broken);
    }

    @Test
    void catchesAFramerThatIsNotAtABoundaryBehindAFrame() {
        assertBroken(Rule.HOLDS_NOTHING, max -> new BrokenLines(max) {
            private boolean begun;

            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                begun = true;
                return super.next(in);
            }

            @Override
            public boolean atBoundary() {
                return !begun;
            }
        });
    }

    @Test
    void catchesAFramerThatRemembersTheConnectionBefore() {
        assertBroken(Rule.HOLDS_NOTHING, max -> new BrokenLines(max) {
            private int frames;

            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                ByteBuffer frame = super.next(in);
                return frame != null && ++frames > 5 ? frame.position(frame.limit()) : frame;
            }
        });
    }

    @Test
    void catchesAFramerThatSaysItHoldsNothingInTheMiddleOfAFrame() {
        assertBroken(Rule.HOLDS_NOTHING, max -> new Collecting(max) {
            @Override
            public boolean atBoundary() {
                return true;
            }
        });
    }

    @Test
    void catchesADetachThatCopiesNothing() {
        assertBroken(Rule.DETACHES, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer detach(ByteBuffer frame) {
                return frame;
            }
        });
    }

    @Test
    void catchesADetachThatUsesUpTheFrame() {
        assertBroken(Rule.DETACHES, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer detach(ByteBuffer frame) {
                return ByteBuffer.allocate(frame.remaining()).put(frame).flip();
            }
        });
    }

    @Test
    void catchesAMovedLimit() {
        assertBroken(Rule.LEAVES_BUFFER, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                ByteBuffer frame = super.next(in);
                if (frame != null) {
                    in.limit(in.position());
                }
                return frame;
            }
        });
    }

    @Test
    void catchesAFramerThatWritesToTheBuffer() {
        assertBroken(Rule.LEAVES_BUFFER, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                int start = in.position();
                ByteBuffer frame = super.next(in);
                if (frame != null && !in.isReadOnly()) {
                    in.put(start, (byte) Character.toUpperCase(in.get(start)));
                }
                return frame;
            }
        });
    }

    @Test
    void catchesAChangedByteOrder() {
        assertBroken(Rule.LEAVES_BUFFER, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                return super.next(in.order(ByteOrder.LITTLE_ENDIAN));
            }
        });
    }

    @Test
    void catchesYieldsThatChanges() {
        assertBroken(Rule.YIELDS, max -> new BrokenLines(max) {
            @Override
            public Yields yields() {
                return scanned == 0 ? Yields.WHOLE : Yields.PARTS;
            }
        });
    }

    @Test
    void catchesAFramerThatNeedsAnArray() {
        assertBroken(Rule.FAILS_TYPED, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer next(ByteBuffer in) throws FrameException {
                return in.array().length == 0 ? null : super.next(in);
            }
        });
    }

    @Test
    void catchesATruncationBeforeTheEnd() {
        assertBroken(Rule.FAILS_TYPED, max -> new BrokenLines(max) {
            @Override
            ByteBuffer unfinished(int bytes) throws FrameException {
                throw FrameException.truncated(bytes);
            }
        });
    }

    @Test
    void catchesAnEndThatIsRefusedForSomethingElse() {
        assertBroken(Rule.FAILS_TYPED, max -> new BrokenLines(max) {
            @Override
            public ByteBuffer end(ByteBuffer in) throws FrameException {
                throw FrameException.malformed(0, "end");
            }
        });
    }

    @Test
    void catchesAFactoryThatGivesTheSameFramerTwice() {
        BrokenLines only = new BrokenLines(16);
        assertBroken(Rule.NEW_FRAMER, max -> only);
    }

    @Test
    void comparesFramesThatAreNotBytes() {
        FramerContract.<Integer, Integer>of(max -> new Lengths(max), length -> length)
                .maxFrameBytes(16)
                .accepts("one\nthree\n\n", 3, 5, 0)
                .rejects("0123456789abcdef", TOO_LONG)
                .check();
    }

    @Test
    void joinsOnlyPartsThatTheGivenFunctionJoins() {
        FramerContract.<ByteBuffer, Integer>of(RawFramer::new, ByteBuffer::remaining)
                .joining(Integer::sum)
                .accepts("some bytes", 10)
                .check();
        assertBroken(
                Rule.SAME_AT_EVERY_SPLIT,
                FramerContract.<ByteBuffer, Integer>of(RawFramer::new, ByteBuffer::remaining)
                        .accepts("some bytes", 10));
    }

    @Test
    void namesRuleStreamSplitBufferAndSeed() {
        var failure = assertThrows(AssertionError.class, () -> FramerContract.of(BrokenLines::new)
                .seed(7)
                .accepts("a\n", "a")
                .accepts("a\nb\n", "a", "c")
                .check());
        assertEquals(
                "broken rule SAME_AT_EVERY_SPLIT (the outcome does not depend on how the stream was split): expected the"
                        + " frames [a, c] and got [a, b]; stream 2 'a\\nb\\n' shown up to [4], HEAP buffers, seed 7",
                failure.getMessage());
    }

    @Test
    void refusesToCheckNothing() {
        assertThrows(IllegalStateException.class, () -> FramerContract.of(BrokenLines::new)
                .check());
        assertThrows(IllegalArgumentException.class, () -> FramerContract.of(BrokenLines::new)
                .accepts("\u0100"));
    }

    /** Takes the bytes of an unfinished line into memory of its own. */
    private static class Collecting extends BrokenLines {
        private final ByteBuffer held = ByteBuffer.allocate(1 << 16);

        Collecting(int max) {
            super(max);
        }

        @Override
        public ByteBuffer next(ByteBuffer in) throws FrameException {
            while (in.hasRemaining()) {
                byte b = in.get();
                if (b == '\n') {
                    ByteBuffer line = detach(held.duplicate().flip());
                    held.clear();
                    return line;
                }
                if (held.position() + 2 > max) {
                    throw FrameException.tooLong(max + 1L, max);
                }
                held.put(b);
            }
            return null;
        }

        @Override
        public ByteBuffer end(ByteBuffer in) throws FrameException {
            if (held.position() > 0) {
                throw FrameException.truncated(0);
            }
            return null;
        }

        @Override
        public boolean atBoundary() {
            return held.position() == 0;
        }
    }

    /** Lines of which only the length is told. */
    private static final class Lengths implements Framer<Integer> {
        private final BrokenLines lines;

        Lengths(int max) {
            lines = new BrokenLines(max);
        }

        @Override
        public Integer next(ByteBuffer in) throws FrameException {
            ByteBuffer line = lines.next(in);
            return line == null ? null : line.remaining();
        }

        @Override
        public boolean atBoundary() {
            return lines.atBoundary();
        }

        @Override
        public Yields yields() {
            return Yields.WHOLE;
        }

        @Override
        public Integer detach(Integer frame) {
            return frame;
        }
    }

    private interface Parts {
        ByteBuffer next(ByteBuffer in);
    }

    private static Framer<ByteBuffer> parts(Parts parts) {
        return new BrokenLines(1) {
            @Override
            public ByteBuffer next(ByteBuffer in) {
                return parts.next(in);
            }

            @Override
            public Yields yields() {
                return Yields.PARTS;
            }
        };
    }

    private static FramerContract<ByteBuffer, String> lines(FramerFactory<ByteBuffer> factory) {
        return FramerContract.of(factory)
                .maxFrameBytes(16)
                .accepts("one\ntwo\n\n", "one", "two", "")
                .accepts("a\nb\nc\n", "a", "b", "c")
                .rejects("one\n0123456789abcdef0123456789abcdef012", TOO_LONG, "one")
                .rejects("one\ntw", TRUNCATED, "one")
                .unfinished(byte[]::new);
    }

    private static void assertBroken(Rule rule, FramerFactory<ByteBuffer> factory) {
        assertBroken(rule, lines(factory));
    }

    private static void assertBroken(Rule rule, FramerContract<?, ?> contract) {
        String message = assertThrows(AssertionError.class, contract::check).getMessage();
        assertTrue(message.startsWith("broken rule " + rule + " "), message);
    }
}
