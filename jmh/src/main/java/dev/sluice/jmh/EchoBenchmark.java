// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The floor benchmark: microseconds per echo of 64 bytes over loopback sockets, for Sluice, for a hand-written NIO loop
 * and for Netty's NIO transport, each server on one thread with its defaults. The hand-written loop is the floor:
 * {@code sluice} minus {@code nio} is what the library costs per message.
 *
 * <p>The score is elapsed time divided by messages, so with many under way it is the inverse of the rate, not the
 * latency of one.
 *
 * <p><b>What it can't tell.</b> Client and server share one JVM and its caches, compiler threads, collector and heap:
 * the client's profile can steer how shared JDK code is compiled, a collection stops both, and {@code -prof gc} counts
 * the allocations of both. On a machine with two cores the two threads also share the clock of the package. The client
 * does about as much as the server, so once either core is full the score is the slower one's, which hides part of a
 * difference between servers. Compare rows of one run; for rates of a server of its own, measure it from another process
 * pinned to another core.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class EchoBenchmark {
    private static final int MESSAGES = 8192; // a multiple of 64 connections times 16 under way
    private static final int MESSAGE_BYTES = 64;

    /** Which server. */
    @Param({"sluice", "nio", "netty"})
    public String server;

    /** How many connections. */
    @Param({"1", "64"})
    public int connections;

    /** How many messages are under way on each. */
    @Param({"1", "16"})
    public int outstanding;

    private EchoServer running;
    private EchoClient client;

    /** Starts the server and connects. */
    @Setup
    public void start() throws Exception {
        running = Peers.start(server);
        client = new EchoClient(running.port(), connections, outstanding, MESSAGE_BYTES);
    }

    /** Ends both. */
    @TearDown
    public void stop() throws Exception {
        client.close();
        running.stop();
    }

    /** Sends messages over all connections until each has come back. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void roundTrips() throws IOException {
        client.exchange(MESSAGES);
    }
}
