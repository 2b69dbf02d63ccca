// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.frame.Encoder;
import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.testing.CollectedOutput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is encoded comes out of the framers again, however the stream is split; and noise is never more than refused. */
class RespProperties {
    private static final int MAX = 1 << 20;

    @Property(tries = 300)
    void requestsComeBack(@ForAll("requests") List<List<ByteBuffer>> requests, @ForAll Random random)
            throws FrameException {
        List<List<ByteBuffer>> back = new ArrayList<>();
        for (RespRequest request : roundTrip(requests, RespEncoder.REQUEST, new RespRequestFramer(MAX), random)) {
            List<ByteBuffer> arguments = new ArrayList<>();
            for (int i = 0; i < request.count(); i++) {
                arguments.add(ByteBuffer.wrap(request.bytes(i)));
            }
            back.add(arguments);
        }
        assertEquals(requests, back);
    }

    @Property(tries = 500)
    void valuesComeBack(@ForAll("values") List<RespValue> values, @ForAll Random random) throws FrameException {
        assertEquals(values, roundTrip(values, RespEncoder.RESP3, new RespValueFramer(MAX), random));
    }

    @Property(tries = 500)
    void valuesInResp2AreResp2(@ForAll("values") List<RespValue> values, @ForAll Random random) throws FrameException {
        List<RespValue> back = roundTrip(values, RespEncoder.RESP2, new RespValueFramer(MAX), random);
        assertEquals(values.size(), back.size());
        assertEquals(back, roundTrip(back, RespEncoder.RESP2, new RespValueFramer(MAX), random));
    }

    @Property(tries = 2000)
    void noiseIsReadOrRefusedTheSameAtEverySplit(@ForAll("noise") byte[] noise, @ForAll Random random) {
        assertEquals(
                outcome(noise, new RespRequestFramer(64), noise.length, random),
                outcome(noise, new RespRequestFramer(64), 1, random));
        assertEquals(
                outcome(noise, new RespValueFramer(64), noise.length, random),
                outcome(noise, new RespValueFramer(64), 1, random));
    }

    @Provide
    Arbitrary<List<List<ByteBuffer>>> requests() {
        return bytes().list().ofMinSize(1).ofMaxSize(40).list().ofMaxSize(5);
    }

    @Provide
    Arbitrary<byte[]> noise() {
        return Arbitraries.of(
                        "*", "$", "+", "-", ":", "_", "#", ",", "(", "!", "=", "%", "~", ">", "|", ";", ".", "?", "0",
                        "1", "2", "3", "\r\n", "\r\n", "\r\n", "\r", "\n", "a", " ", "\"", "'", "\\", "t", "*1\r\n",
                        "$1\r\n", "\0")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Provide
    Arbitrary<List<RespValue>> values() {
        return value(3).list().ofMaxSize(5);
    }

    private static Arbitrary<RespValue> value(int depth) {
        Arbitrary<RespValue> leaf = leaf();
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<RespValue> inner = Arbitraries.lazy(() -> value(depth - 1));
        Arbitrary<List<RespValue>> list = inner.list().ofMaxSize(3);
        Arbitrary<List<RespValue.Entry>> entries = Combinators.combine(inner, inner)
                .as(RespValue.Entry::new)
                .list()
                .ofMaxSize(3);
        Arbitrary<RespValue> nested = Arbitraries.oneOf(
                list.map(RespValue.Array::new),
                list.map(RespValue.SetOf::new),
                entries.map(RespValue.Mapping::new),
                Combinators.combine(entries, inner).as(RespValue.Attributed::new));
        return Arbitraries.oneOf(leaf, nested);
    }

    private static Arbitrary<RespValue> leaf() {
        Arbitrary<String> line =
                Arbitraries.strings().ascii().excludeChars('\r', '\n').ofMaxLength(20);
        return Arbitraries.oneOf(
                line.map(RespValue.SimpleString::new),
                line.map(RespValue.SimpleError::new),
                Arbitraries.longs().map(RespValue.Int::new),
                bytes().map(RespValue.Bulk::new),
                Arbitraries.of(RespValue.Null.values()),
                Arbitraries.doubles().map(RespValue.Decimal::new),
                Arbitraries.of(true, false).map(RespValue.Bool::new),
                bytes().map(RespValue.BlobError::new),
                bytes().map(b -> new RespValue.Verbatim("txt", b)),
                Arbitraries.bigIntegers().map(n -> new RespValue.BigNumber(n.toString())));
    }

    private static Arbitrary<ByteBuffer> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(100).map(ByteBuffer::wrap);
    }

    private static <M, F> List<F> roundTrip(
            List<? extends M> messages, Encoder<M> encoder, Framer<F> framer, Random random) throws FrameException {
        CollectedOutput out = new CollectedOutput();
        messages.forEach(message -> encoder.encode(message, out));
        byte[] stream = out.bytes();
        List<F> back = new ArrayList<>();
        ByteBuffer in = ByteBuffer.allocateDirect(Math.max(1, stream.length));
        for (int shown = 0; shown < stream.length; ) {
            int more = 1 + random.nextInt(stream.length - shown);
            in.put(stream, shown, more).flip();
            shown += more;
            F frame;
            while (in.hasRemaining() && (frame = framer.next(in)) != null) {
                back.add(framer.detach(frame));
            }
            in.compact();
        }
        framer.end(in.flip());
        return back;
    }

    private static <F> List<String> outcome(byte[] stream, Framer<F> framer, int step, Random random) {
        List<String> outcome = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(stream).limit(0);
        try {
            while (in.limit() < stream.length) {
                in.limit(Math.min(stream.length, in.limit() + 1 + random.nextInt(step)));
                F frame;
                while (in.hasRemaining() && (frame = framer.next(in)) != null) {
                    outcome.add(
                            frame instanceof RespRequest request
                                    ? RespRequestFramerTest.words(request).toString()
                                    : frame.toString());
                }
            }
        } catch (FrameException e) {
            outcome.add(e.getMessage());
        }
        return outcome;
    }
}
