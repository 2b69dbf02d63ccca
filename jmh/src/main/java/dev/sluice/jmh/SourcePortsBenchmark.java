// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.outbound.PortsExhausted;
import dev.sluice.outbound.SourceAddresses;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the ledger of source ports costs: nanoseconds for giving back a port, one that was taken at any time, and taking the
 * next free one, while so many are free of 64,512.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class SourcePortsBenchmark {
    private static final InetSocketAddress DESTINATION = new InetSocketAddress("192.0.2.1", 7000);

    /** How many ports are free. */
    @Param({"60000", "1000", "1"})
    private int free;

    private final SplittableRandom random = new SplittableRandom(1);
    private SourceAddresses sources;
    private InetSocketAddress[] held;

    /** Takes all others. */
    @Setup
    public void fill() throws PortsExhausted {
        sources = SourceAddresses.parse("192.0.2.2:1024-65535");
        held = new InetSocketAddress[sources.usage(DESTINATION).ports() - free];
        for (int i = 0; i < held.length; i++) {
            held[i] = sources.take(DESTINATION, 0, 0);
        }
    }

    /** Gives one back and takes one. */
    @Benchmark
    public InetSocketAddress takeAndGiveBack() throws PortsExhausted {
        int which = random.nextInt(held.length);
        sources.release(held[which], DESTINATION, 0);
        held[which] = sources.take(DESTINATION, 0, 0);
        return held[which];
    }
}
