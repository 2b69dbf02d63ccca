// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.io.ByteArrayOutputStream;
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

/** A message that is written by the grammar is read as what was written, however it is cut into chunks and the stream is split. */
class HttpProperties {
    private static final HttpLimits LIMITS = HttpLimits.defaults().withExtensionBytes(1 << 20);
    private static final int MAX = 1 << 20;
    private static final String TCHARS = "!#$%&'*+-.^_`|~09azAZ";

    private enum Framing {
        NONE,
        LENGTH,
        CHUNKED
    }

    record Field(String name, String value) {}

    record Message(String start, List<Field> fields, Framing framing, byte[] body, List<Field> trailers) {
        boolean hasBytes() {
            return framing == Framing.CHUNKED || framing == Framing.LENGTH && body.length > 0;
        }
    }

    @Property(tries = 500)
    void requestsComeBack(@ForAll("requests") List<Message> requests, @ForAll Random random) throws FrameException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> gathered = new ArrayList<>();
        List<String> streamed = new ArrayList<>();
        for (Message request : requests) {
            List<Field> fields = withLength(request);
            writeHead(request.start + " HTTP/1.1", fields, stream, random);
            writeBody(request, stream, random);
            expect(request, request.start + length(request) + said(fields), gathered, streamed);
        }

        assertEquals(gathered, framed(HttpRequestFramer.gathering(MAX, LIMITS), stream.toByteArray(), random));
        assertEquals(streamed, framed(HttpRequestFramer.streaming(MAX, LIMITS), stream.toByteArray(), random));
    }

    @Property(tries = 500)
    void responsesComeBack(
            @ForAll("responses") List<Message> responses, @ForAll boolean untilClose, @ForAll Random random)
            throws FrameException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> gathered = new ArrayList<>();
        List<String> streamed = new ArrayList<>();
        HttpResponseFramer gathering = HttpResponseFramer.gathering(MAX, LIMITS);
        HttpResponseFramer streaming = HttpResponseFramer.streaming(MAX, LIMITS);
        for (Message response : responses) {
            boolean isHead = response.framing == Framing.NONE || random.nextInt(4) == 0;
            gathering.expect(isHead ? "HEAD" : "GET");
            streaming.expect(isHead ? "HEAD" : "GET");
            List<Field> fields = withLength(response);
            writeHead("HTTP/1.1 200 " + response.start, fields, stream, random);
            String head = "200" + reason(response) + length(response) + (isHead ? " bodiless" : "") + said(fields);
            if (isHead) {
                gathered.add(head + " []");
                streamed.add(head + " []");
            } else {
                writeBody(response, stream, random);
                expect(response, head, gathered, streamed);
            }
        }
        if (untilClose) {
            gathering.expect("GET");
            streaming.expect("GET");
            stream.writeBytes(bytes("HTTP/1.1 200 \r\n\r\nrest"));
            gathered.add("200 last until close[] rest[]");
            streamed.addAll(List.of("200 last until close[] []", "+rest■[]"));
        }

        assertEquals(gathered, framed(gathering, stream.toByteArray(), random));
        assertEquals(streamed, framed(streaming, stream.toByteArray(), random));
    }

    // ---- what is drawn

    @Provide
    Arbitrary<List<Message>> requests() {
        Arbitrary<String> target = letters("!$%&'()*+,-./09:;=?@AZaz[]_~|\"<>\\^`{}", 20);
        return messages(Combinators.combine(name(), target).as((method, rest) -> method + " /" + rest));
    }

    @Provide
    Arbitrary<List<Message>> responses() {
        return messages(letters(" \tAz~!\u0080\u00ff", 12));
    }

    private static Arbitrary<List<Message>> messages(Arbitrary<String> start) {
        Arbitrary<byte[]> body = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        return Combinators.combine(start, fields(), Arbitraries.of(Framing.class), body, fields())
                .as((first, fields, framing, bytes, trailers) ->
                        new Message(first, fields, framing, bytes, framing == Framing.CHUNKED ? trailers : List.of()))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    private static Arbitrary<List<Field>> fields() {
        Arbitrary<String> value = letters(" \tAz,;=\"\\\u0080\u00ff", 20);
        return Combinators.combine(name(), value)
                .as(HttpProperties::field)
                .list()
                .ofMaxSize(6);
    }

    /** White space around a value is no part of it. */
    private static Field field(String name, String value) {
        return new Field("X" + name, value.replaceAll("^[ \t]+|[ \t]+$", ""));
    }

    private static Arbitrary<String> name() {
        return letters(TCHARS, 12).map(name -> "N" + name);
    }

    private static Arbitrary<String> letters(String of, int most) {
        return Arbitraries.strings().withChars(of.toCharArray()).ofMaxLength(most);
    }

    // ---- how it is written

    private static List<Field> withLength(Message message) {
        List<Field> fields = new ArrayList<>(List.of(new Field("hOST", "a")));
        fields.addAll(message.fields);
        switch (message.framing) {
            case NONE -> {}
            case LENGTH -> fields.add(new Field("Content-Length", Integer.toString(message.body.length)));
            case CHUNKED -> fields.add(fields.size() / 2, new Field("Transfer-Encoding", "Chunked"));
        }
        return fields;
    }

    private static void writeHead(String line, List<Field> fields, ByteArrayOutputStream out, Random random) {
        out.writeBytes(bytes(line + "\r\n"));
        writeFields(fields, out, random);
    }

    private static void writeFields(List<Field> fields, ByteArrayOutputStream out, Random random) {
        for (Field field : fields) {
            out.writeBytes(bytes(field.name + ":" + space(random) + field.value + space(random) + "\r\n"));
        }
        out.writeBytes(bytes("\r\n"));
    }

    private static void writeBody(Message message, ByteArrayOutputStream out, Random random) {
        if (message.framing == Framing.LENGTH) {
            out.writeBytes(message.body);
        } else if (message.framing == Framing.CHUNKED) {
            for (int at = 0; at < message.body.length; ) {
                int bytes = 1 + random.nextInt(message.body.length - at);
                out.writeBytes(bytes("0".repeat(random.nextInt(3)) + Integer.toHexString(bytes) + extension(random)));
                out.write(message.body, at, bytes);
                out.writeBytes(bytes("\r\n"));
                at += bytes;
            }
            out.writeBytes(bytes("0".repeat(1 + random.nextInt(3)) + extension(random)));
            writeFields(message.trailers, out, random);
        }
    }

    private static String extension(Random random) {
        String[] all = {"", "", ";a", ";a=b", ";a=\"b\\\"\t;\"", "; a = b ;c", ";a;b=\"\""};
        return all[random.nextInt(all.length)] + "\r\n";
    }

    private static String space(Random random) {
        String[] all = {"", " ", "\t", "  "};
        return all[random.nextInt(all.length)];
    }

    // ---- what must come of it

    private static void expect(Message message, String head, List<String> gathered, List<String> streamed) {
        String body = new String(message.body, StandardCharsets.ISO_8859_1);
        boolean hasBytes = message.hasBytes();
        gathered.add(head + " " + (hasBytes ? body : "") + said(message.trailers));
        streamed.add(head + " []");
        if (hasBytes) {
            streamed.add("+" + body + "■" + said(message.trailers));
        }
    }

    private static String length(Message message) {
        return switch (message.framing) {
            case NONE -> "";
            case LENGTH -> " " + message.body.length;
            case CHUNKED -> " chunked";
        };
    }

    private static String reason(Message response) {
        return response.start.isEmpty() ? "" : " '" + response.start + "'";
    }

    private static String said(List<Field> fields) {
        return fields.stream()
                .map(field -> field.name + "=" + field.value)
                .toList()
                .toString();
    }

    private static List<String> framed(Framer<HttpPart> framer, byte[] stream, Random random) throws FrameException {
        List<HttpPart> parts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.allocateDirect(stream.length);
        for (int shown = 0; shown < stream.length; ) {
            int more = 1 + random.nextInt(stream.length - shown);
            in.put(stream, shown, more).flip();
            shown += more;
            HttpPart part;
            while (in.hasRemaining() && (part = framer.next(in)) != null) {
                parts.add(framer.detach(part));
            }
            in.compact();
        }
        HttpPart last = framer.end(in.flip());
        if (last != null) {
            parts.add(framer.detach(last));
        }
        return joined(parts);
    }

    private static List<String> joined(List<HttpPart> parts) {
        List<String> joined = new ArrayList<>();
        for (HttpPart part : parts) {
            String said = Described.part(part);
            int last = joined.size() - 1;
            String both = last < 0 ? null : Described.join(joined.get(last), said);
            if (both == null) {
                joined.add(said);
            } else {
                joined.set(last, both);
            }
        }
        return joined;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
