// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.ClientHelloReader;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
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

/** What it takes to find the name in the first message of a TLS client, once for each connection that is passed through. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HelloBenchmark {
    private static final int SEGMENT_BYTES = 100;

    /** Whether the hello has come whole, or in segments of 100 bytes. */
    @Param({"whole", "segments"})
    private String arrival;

    private ByteBuffer hello;

    /** Has the JDK's client say its hello. */
    @Setup
    public void prepare() throws GeneralSecurityException, SSLException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("www.example.org", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("www.example.org")));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        engine.setSSLParameters(parameters);
        hello = ByteBuffer.allocateDirect(engine.getSession().getPacketBufferSize());
        engine.beginHandshake();
        engine.wrap(ByteBuffer.allocate(0), hello);
        hello.flip();
    }

    /** Finds name and protocols. */
    @Benchmark
    public ClientHello look() throws FrameException {
        ClientHelloReader reader = new ClientHelloReader();
        int all = hello.limit();
        ClientHello found = null;
        int step = arrival.equals("whole") ? all : SEGMENT_BYTES;
        for (int seen = Math.min(step, all); found == null; seen = Math.min(seen + step, all)) {
            found = reader.look(hello.limit(seen));
        }
        hello.limit(all);
        return found;
    }
}
