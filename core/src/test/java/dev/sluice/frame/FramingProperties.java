// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testing.CollectedOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What is encoded comes out of the framer again, however the stream is split. */
class FramingProperties {
    private static final int MAX = 4096;

    @Property(tries = 300)
    void linesComeBack(
            @ForAll("lines") List<byte[]> lines, @ForAll boolean pair, @ForAll LineEnding ending, @ForAll Random random)
            throws FrameException {
        LineEncoder encoder = pair || ending.minBytes() == 2 ? LineEncoder.CRLF : LineEncoder.LF;
        boolean keepsCr = encoder == LineEncoder.CRLF && ending == LineEnding.LF;

        List<ByteBuffer> back = roundTrip(lines, encoder, new LineFramer(MAX, ending), random);

        assertEquals(
                lines.stream()
                        .map(line -> keepsCr ? withCr(line) : ByteBuffer.wrap(line))
                        .toList(),
                back);
    }

    @Property(tries = 500)
    void messagesComeBack(
            @ForAll("fields") LengthField field, @ForAll("messages") List<byte[]> messages, @ForAll Random random)
            throws FrameException {
        List<ByteBuffer> back = roundTrip(messages, field.encoder(), new LengthFieldFramer(MAX, field), random);

        assertEquals(messages.stream().map(ByteBuffer::wrap).toList(), back);
    }

    /** Two letters only, so that delimiters overlap themselves and messages hold most of one. */
    @Property(tries = 500)
    void delimitedMessagesComeBackOrAreRefused(
            @ForAll("fewLetters") byte[] delimiter,
            @ForAll("fewLettersEach") List<byte[]> messages,
            @ForAll Random random)
            throws FrameException {
        Delimiter bytes = Delimiter.text(new String(delimiter, StandardCharsets.US_ASCII));
        List<byte[]> sendable =
                messages.stream().filter(m -> arrivesWhole(m, delimiter)).toList();

        List<ByteBuffer> back = roundTrip(sendable, bytes.encoder(), new DelimiterFramer(MAX, bytes), random);

        assertEquals(sendable.stream().map(ByteBuffer::wrap).toList(), back);
        for (byte[] message : messages) {
            if (!arrivesWhole(message, delimiter)) {
                assertThrows(IllegalArgumentException.class, () -> bytes.encoder()
                        .encode(ByteBuffer.wrap(message), new CollectedOutput()));
            }
        }
    }

    @Property(tries = 200)
    void messagesOfOneLengthComeBack(@ForAll @IntRange(min = 1, max = 200) int length, @ForAll Random random)
            throws FrameException {
        List<byte[]> messages = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            messages.add(message);
        }

        List<ByteBuffer> back =
                roundTrip(messages, new FixedLengthEncoder(length), new FixedLengthFramer(MAX, length), random);

        assertEquals(messages.stream().map(ByteBuffer::wrap).toList(), back);
    }

    @Property(tries = 300)
    void messagesWithVarintsComeBack(@ForAll("anyMessages") List<byte[]> messages, @ForAll Random random)
            throws FrameException {
        List<ByteBuffer> back = roundTrip(messages, new VarintLengthEncoder(), new VarintLengthFramer(MAX), random);

        assertEquals(messages.stream().map(ByteBuffer::wrap).toList(), back);
    }

    @Provide
    Arbitrary<byte[]> fewLetters() {
        return Arbitraries.bytes()
                .between((byte) 'a', (byte) 'b')
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<List<byte[]>> fewLettersEach() {
        return Arbitraries.bytes()
                .between((byte) 'a', (byte) 'b')
                .array(byte[].class)
                .ofMaxSize(40)
                .list()
                .ofMaxSize(8);
    }

    /** On both sides of where a varint takes a second byte. */
    @Provide
    Arbitrary<List<byte[]>> anyMessages() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(300).list().ofMaxSize(8);
    }

    @Provide
    Arbitrary<List<byte[]>> lines() {
        Arbitrary<Byte> content = Arbitraries.bytes().filter(b -> b != '\n' && b != '\r');
        return content.array(byte[].class).ofMaxSize(200).list().ofMaxSize(8);
    }

    /** Long enough for every adjustment, short enough for a field of one byte. */
    @Provide
    Arbitrary<List<byte[]>> messages() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(20)
                .ofMaxSize(200)
                .list()
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<LengthField> fields() {
        return Combinators.combine(
                        Arbitraries.of(1, 2, 3, 4, 8),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(-20, 20))
                .as(FramingProperties::field);
    }

    private static LengthField field(int width, boolean little, boolean whole, int adjustment) {
        LengthField field = LengthField.bytes(width).adjust(adjustment);
        field = little ? field.littleEndian() : field;
        return whole ? field.includingHeader() : field;
    }

    private static List<ByteBuffer> roundTrip(
            List<byte[]> messages, Encoder<ByteBuffer> encoder, Framer<ByteBuffer> framer, Random random)
            throws FrameException {
        CollectedOutput out = new CollectedOutput();
        messages.forEach(message -> encoder.encode(ByteBuffer.wrap(message), out));
        byte[] stream = out.bytes();
        List<ByteBuffer> back = new ArrayList<>();
        ByteBuffer in = ByteBuffer.allocateDirect(Math.max(1, stream.length));
        for (int shown = 0; shown < stream.length; ) {
            int more = 1 + random.nextInt(stream.length - shown);
            in.put(stream, shown, more).flip();
            shown += more;
            ByteBuffer frame;
            while (in.hasRemaining() && (frame = framer.next(in)) != null) {
                back.add(framer.detach(frame));
            }
            in.compact();
        }
        framer.end(in.flip());
        return back;
    }

    private static boolean arrivesWhole(byte[] message, byte[] delimiter) {
        String end = new String(delimiter, StandardCharsets.US_ASCII);
        return (new String(message, StandardCharsets.US_ASCII) + end).indexOf(end) == message.length;
    }

    private static ByteBuffer withCr(byte[] line) {
        return ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\r').flip();
    }
}
