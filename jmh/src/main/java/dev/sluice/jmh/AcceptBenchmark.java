// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The life of a short connection: connect, one byte there and back, end. One after the other, so it is a latency, and
 * most of it is the kernel's. The client ends with a reset, which leaves no port in TIME_WAIT; a clean end would run out
 * of ports within seconds. As {@link EchoBenchmark}, with client and server in one JVM.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class AcceptBenchmark {
    /** Which server. */
    @Param({"sluice", "nio", "netty"})
    public String server;

    private final ByteBuffer oneByte = ByteBuffer.allocateDirect(1);
    private EchoServer running;
    private InetSocketAddress address;

    /** Starts the server. */
    @Setup
    public void start() throws Exception {
        running = Peers.start(server);
        address = new InetSocketAddress("127.0.0.1", running.port());
    }

    /** Ends it. */
    @TearDown
    public void stop() throws Exception {
        running.stop();
    }

    /** Connects, sends a byte, awaits it, and ends. */
    @Benchmark
    public void shortConnection() throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.write(oneByte.clear());
            if (channel.read(oneByte.clear()) < 0) {
                throw new EOFException("the server has closed the connection");
            }
        }
    }
}
