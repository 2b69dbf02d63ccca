// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import dev.sluice.prelude.ClientHello.Ech;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Any hello is read, in records and reads of any lengths; and a changed one is read or refused, the same at every split. */
class ClientHelloProperties {

    /** What is to be said, and the record that says it. */
    record Said(ClientHello hello, byte[] stream) {
        @Override
        public String toString() {
            return hello.toString();
        }
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void hellosComeBack(@ForAll("hellos") Said said, @ForAll @IntRange(min = 1, max = 400) int recordBytes)
            throws FrameException {
        byte[] stream = HelloBytes.inRecordsOf(recordBytes, said.stream());
        ClientHello whole = HelloBytes.look(stream);
        ClientHello expected = said.hello();
        assertEquals(
                new ClientHello(
                        expected.serverName(),
                        expected.protocols(),
                        expected.versions(),
                        expected.ech(),
                        stream.length),
                whole);
        assertEquals(whole, ProxyBytes.readByBytes(HelloBytes.framer(65536), stream));
    }

    @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
    void changedHellosAreReadOrRefusedTheSameAtEverySplit(
            @ForAll("hellos") Said said, @ForAll @IntRange(min = 1, max = 400) int recordBytes, @ForAll Random random) {
        byte[] stream = random.nextBoolean() ? said.stream() : HelloBytes.inRecordsOf(recordBytes, said.stream());
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(random.nextBoolean() ? stream.length : Math.min(stream.length, 60));
            stream[at] = (byte) (random.nextBoolean() ? random.nextInt() : stream[at] + random.nextInt(3) - 1);
        }
        String whole = outcome(stream, stream.length, random);
        assertEquals(whole, outcome(stream, 1, random));
        assertEquals(whole, outcome(stream, 50, random));
    }

    private static String outcome(byte[] stream, int step, Random random) {
        Framer<ClientHello> framer = HelloBytes.framer(ClientHelloReader.MAX_BYTES);
        try {
            for (int shown = 0; shown < stream.length; ) {
                shown = Math.min(stream.length, shown + (step == stream.length ? step : 1 + random.nextInt(step)));
                ByteBuffer in = ByteBuffer.wrap(stream, 0, shown);
                ClientHello hello = framer.next(in);
                if (hello != null) {
                    return hello.toString();
                }
            }
            return "more";
        } catch (FrameException e) {
            assertTrue(e.code() > 0, () -> "no alert for " + e.getMessage());
            return e.getMessage();
        }
    }

    @Provide
    Arbitrary<Said> hellos() {
        Arbitrary<String> label = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .ofMinLength(1)
                .ofMaxLength(20);
        Arbitrary<String> names = label.list().ofMinSize(1).ofMaxSize(5).map(labels -> String.join(".", labels));
        Arbitrary<List<String>> protocols = Arbitraries.strings()
                .withCharRange('!', '\u00ff')
                .ofMinLength(1)
                .ofMaxLength(20)
                .list()
                .ofMaxSize(4);
        Arbitrary<List<Integer>> versions = Arbitraries.of(0x0301, 0x0302, 0x0303, 0x0304)
                .list()
                .uniqueElements()
                .ofMaxSize(4);
        return Combinators.combine(
                        names.injectNull(0.3),
                        protocols,
                        versions,
                        Arbitraries.of(Ech.values()),
                        Arbitraries.integers().between(0, 2000).injectNull(0.5))
                .as(ClientHelloProperties::said);
    }

    private static Said said(String name, List<String> protocols, List<Integer> versions, Ech ech, Integer padding) {
        List<byte[]> extensions = new ArrayList<>();
        if (padding != null) {
            extensions.add(HelloBytes.extension(21, new byte[padding]));
        }
        if (name != null) {
            extensions.add(HelloBytes.serverName(name));
        }
        if (!protocols.isEmpty()) {
            extensions.add(HelloBytes.alpn(protocols.toArray(String[]::new)));
        }
        if (!versions.isEmpty()) {
            extensions.add(HelloBytes.versions(
                    versions.stream().mapToInt(Integer::intValue).toArray()));
        }
        switch (ech) {
            case NONE -> {}
            case OUTER -> extensions.add(HelloBytes.echOuter());
            case INNER -> extensions.add(HelloBytes.extension(HelloBytes.ECH, HelloBytes.u8(1)));
        }
        byte[] stream = HelloBytes.hello(HelloBytes.body(extensions.toArray(byte[][]::new)));
        String lower = name == null ? null : name.toLowerCase(java.util.Locale.ROOT);
        List<Integer> told = versions.isEmpty() ? List.of(0x0303) : versions;
        return new Said(new ClientHello(lower, protocols, told, ech, stream.length), stream);
    }
}
