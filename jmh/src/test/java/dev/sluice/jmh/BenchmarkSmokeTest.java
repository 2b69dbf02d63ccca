// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs every benchmark for a moment, so that one which is broken fails the build and not the next measurement. */
class BenchmarkSmokeTest {

    /** Without its annotation processor JMH builds a jar that starts and knows no benchmark. */
    @Test
    void theBenchmarkListNamesEveryBenchmark() {
        Set<String> found = new TreeSet<>();
        for (BenchmarkListEntry entry : BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of("dev.sluice.jmh.*"),
                        List.of())) {
            found.add(entry.getUsername().substring("dev.sluice.jmh.".length()));
        }
        assertEquals(
                new TreeSet<>(Set.of(
                        "AcceptBenchmark.shortConnection",
                        "AgreementBenchmark.agree",
                        "AgreementBenchmark.newPair",
                        "EchoBenchmark.roundTrips",
                        "FramerBenchmark.delimiterNetty",
                        "FramerBenchmark.delimiterSluice",
                        "FramerBenchmark.fixedNetty",
                        "FramerBenchmark.fixedSluice",
                        "FramerBenchmark.lengthNetty",
                        "FramerBenchmark.lengthSluice",
                        "FramerBenchmark.lineNetty",
                        "FramerBenchmark.lineSluice",
                        "FramerBenchmark.rawSluice",
                        "FramerBenchmark.varintNetty",
                        "FramerBenchmark.varintSluice",
                        "HandshakeBenchmark.connection",
                        "HelloBenchmark.look",
                        "HttpBenchmark.requests",
                        "RespBenchmark.requestNetty",
                        "RespBenchmark.requestSluice",
                        "RespBenchmark.valueSluice",
                        "SealingBenchmark.open",
                        "SealingBenchmark.seal",
                        "SourcePortsBenchmark.takeAndGiveBack")),
                found);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 256, 4096, 65536})
    void bothSidesCutTheSameFramesWholeAndInSegments(int frameBytes) throws Exception {
        for (FramerBenchmark.Arrival arrival : FramerBenchmark.Arrival.values()) {
            FramerBenchmark benchmark = new FramerBenchmark();
            benchmark.frameBytes = frameBytes;
            benchmark.arrival = arrival;
            benchmark.layOut();
            long all = (long) FramerBenchmark.FRAMES * frameBytes;
            assertEquals(all - FramerBenchmark.FRAMES, benchmark.lineSluice());
            assertEquals(all - FramerBenchmark.FRAMES, benchmark.lineNetty());
            assertEquals(all - 4 * FramerBenchmark.FRAMES, benchmark.lengthSluice());
            assertEquals(all - 4 * FramerBenchmark.FRAMES, benchmark.lengthNetty());
            assertEquals(all - 2 * FramerBenchmark.FRAMES, benchmark.delimiterSluice());
            assertEquals(all - 2 * FramerBenchmark.FRAMES, benchmark.delimiterNetty());
            assertEquals(all, benchmark.fixedSluice());
            assertEquals(all, benchmark.fixedNetty());
            int varintBytes = FramerBenchmark.varint(frameBytes).length;
            assertEquals(all - varintBytes * FramerBenchmark.FRAMES, benchmark.varintSluice());
            assertEquals(all - varintBytes * FramerBenchmark.FRAMES, benchmark.varintNetty());
            assertEquals(all, benchmark.rawSluice());
            benchmark.release();
        }
    }

    @ParameterizedTest
    @EnumSource(FramerBenchmark.Arrival.class)
    void allSidesReadTheSameRequests(FramerBenchmark.Arrival arrival) throws Exception {
        RespBenchmark benchmark = new RespBenchmark();
        benchmark.valueBytes = 4096;
        benchmark.arrival = arrival;
        benchmark.layOut();
        long all = RespBenchmark.REQUESTS * (3L + 16 + 4096);
        assertEquals(all, benchmark.requestSluice());
        assertEquals(all, benchmark.valueSluice());
        assertEquals(all, benchmark.requestNetty());
        benchmark.release();
    }

    /** What was read is compared in {@code layOut}. */
    @ParameterizedTest
    @EnumSource(HttpBenchmark.Side.class)
    void eachSideReadsTheHttpRequestsThatWereSent(HttpBenchmark.Side side) throws Exception {
        for (HttpInput input : HttpInput.values()) {
            for (FramerBenchmark.Arrival arrival : FramerBenchmark.Arrival.values()) {
                HttpBenchmark benchmark = new HttpBenchmark();
                benchmark.input = input;
                benchmark.arrival = arrival;
                benchmark.side = side;
                benchmark.layOut();
                long each =
                        input.method.length() + input.target().length() + side.fields(input) + 1 + input.body.length();
                assertEquals(HttpBenchmark.REQUESTS * each, benchmark.requests());
                benchmark.release();
            }
        }
    }

    @Test
    void theHttpRequestsAreWhatTheirNamesSay() {
        assertEquals(80, HttpInput.SMALL.bytes().length);
        assertEquals(800, HttpInput.BROWSER.bytes().length);
        assertEquals(16, HttpInput.BATCH.atOnce);
        assertEquals(8 << 10, HttpInput.CHUNKED.body.length());
    }

    @ParameterizedTest
    @EnumSource(HttpBenchmark.Side.class)
    void httpRunsInJmh(HttpBenchmark.Side side) throws Exception {
        run(
                1,
                shortRun(HttpBenchmark.class)
                        .param("input", "CHUNKED")
                        .param("arrival", "SEGMENTS")
                        .param("side", side.name()));
    }

    @Test
    void sourcePortsRunInJmh() throws Exception {
        run(1, shortRun(SourcePortsBenchmark.class).param("free", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"64", "16384"})
    void sealingRunsInJmh(String bytes) throws Exception {
        run(2, shortRun(SealingBenchmark.class).param("bytes", bytes));
    }

    @ParameterizedTest
    @EnumSource(HandshakeBenchmark.Side.class)
    void handshakesRunInJmh(HandshakeBenchmark.Side side) throws Exception {
        run(2, shortRun(HandshakeBenchmark.class).param("side", side.name()));
    }

    /** What is resumed has neither a certificate nor a signature. */
    @ParameterizedTest
    @EnumSource(HandshakeBenchmark.Side.class)
    void handshakesAreResumedWhereTheyAreToBe(HandshakeBenchmark.Side side) throws Exception {
        long full = bytesOfTheSecond(side, false);
        long resumed = bytesOfTheSecond(side, true);
        assertTrue(full - resumed > 500, () -> full + " bytes of a full one, " + resumed + " of one resumed");
    }

    private static long bytesOfTheSecond(HandshakeBenchmark.Side side, boolean resumes) throws Exception {
        HandshakeBenchmark benchmark = new HandshakeBenchmark();
        benchmark.side = side;
        benchmark.resumes = resumes;
        benchmark.start();
        try {
            assertEquals(13, benchmark.connection());
            long before = benchmark.received();
            assertEquals(13, benchmark.connection());
            return benchmark.received() - before;
        } finally {
            benchmark.stop();
        }
    }

    @Test
    void agreementRunsInJmh() throws Exception {
        run(2, shortRun(AgreementBenchmark.class));
    }

    @ParameterizedTest
    @EnumSource(FramerBenchmark.Arrival.class)
    void respRunsInJmh(FramerBenchmark.Arrival arrival) throws Exception {
        run(3, shortRun(RespBenchmark.class).param("valueBytes", "256").param("arrival", arrival.name()));
    }

    @ParameterizedTest
    @EnumSource(FramerBenchmark.Arrival.class)
    void framersRunInJmh(FramerBenchmark.Arrival arrival) throws Exception {
        run(11, shortRun(FramerBenchmark.class).param("frameBytes", "256").param("arrival", arrival.name()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "nio", "netty"})
    void echoRunsInJmh(String server) throws Exception {
        run(
                1,
                shortRun(EchoBenchmark.class)
                        .param("server", server)
                        .param("connections", "8")
                        .param("outstanding", "16"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "nio", "netty"})
    void acceptRunsInJmh(String server) throws Exception {
        run(1, shortRun(AcceptBenchmark.class).param("server", server));
    }

    private static ChainedOptionsBuilder shortRun(Class<?> benchmark) {
        return new OptionsBuilder()
                .include(benchmark.getName() + "\\.")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(10))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private static void run(int benchmarks, ChainedOptionsBuilder options) throws Exception {
        var results = new Runner(options.build()).run();
        assertEquals(benchmarks, results.size());
        results.forEach(result -> assertTrue(
                result.getPrimaryResult().getScore() > 0, result.getParams().getBenchmark()));
    }
}
