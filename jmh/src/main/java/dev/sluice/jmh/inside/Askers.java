// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.inside;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.Connector;
import dev.sluice.http.HttpCaller;
import dev.sluice.http.HttpClientProtocol;
import dev.sluice.http.HttpRequestHead;
import dev.sluice.http.HttpResponse;
import dev.sluice.http.HttpResponseHandler;
import dev.sluice.jmh.Certificates;
import dev.sluice.tls.ClientTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * The half of a balancer that asks backends, in one way: some requests at a time on one Reader, each sent when the one before was
 * answered. As a process it answers each line {@code WAY MILLISECONDS} with how many answers came, and ends with its input.
 */
public final class Askers implements AutoCloseable {
    /**
     * Where a new connection goes, one address after the other: each has sessions of its own, so that one isn't offered twice at
     * a time; and source ports of its own, as those that rest a minute in TIME_WAIT would run out.
     */
    private static final int ADDRESSES = 64;

    private static final int AT_ONCE = 16;
    private static final int DEADLINE_SECONDS = 30;

    private final Way way;
    private final Connector connector;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Asker> askers = new ArrayList<>();
    private final HttpRequestHead head;
    private final AtomicInteger next = new AtomicInteger();
    private final LongAdder answered = new LongAdder();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean goesOn;
    private volatile CountDownLatch idle;

    Askers(Way way, int port, Path authority) throws IOException {
        this.way = way;
        for (int i = 1; i <= (way.isKept ? 1 : ADDRESSES); i++) {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) i});
            addresses.add(new InetSocketAddress(loopback, port));
        }
        HttpRequestHead request = HttpRequestHead.of("GET", "/plaintext", Certificates.NAME);
        head = way.isKept ? request : request.thenClose();
        Connector.Builder builder = Connector.builder(HttpClientProtocol.gathering());
        connector = (way.isEncrypted ? builder.tls(tls(authority)) : builder).start();
        for (int i = 0; i < AT_ONCE; i++) {
            askers.add(new Asker());
        }
    }

    /** One session is kept where none is to be resumed: it is another address's when the next connection is made. */
    private ClientTls tls(Path authority) throws IOException {
        ClientTls.Builder builder = ClientTls.builder().trust(authority).serverName(Certificates.NAME);
        return way.resumes
                ? builder.build()
                : builder.sessions(1, Duration.ofSeconds(1)).build();
    }

    /** Asks for a time. Returns how many answers came, at least one for each that asks. */
    long run(long millis) throws IOException, InterruptedException {
        long before = answered.sum();
        idle = new CountDownLatch(askers.size());
        goesOn = true;
        askers.forEach(Asker::ask);
        boolean failed = idle.await(millis, TimeUnit.MILLISECONDS);
        goesOn = false;
        if (failed || !idle.await(DEADLINE_SECONDS, TimeUnit.SECONDS) || failure.get() != null) {
            throw new IOException(way.told, failure.get());
        }
        return answered.sum() - before;
    }

    /** One request after the other. Each step happens after the one before, on the Reader or on the one that begins. */
    private final class Asker implements HttpResponseHandler {
        private HttpCaller caller; // null while there is no connection

        void ask() {
            if (caller != null) {
                send();
                return;
            }
            int which = Math.floorMod(next.getAndIncrement(), addresses.size());
            connector.connect(addresses.get(which)).whenComplete(this::connected);
        }

        private void connected(Connection connection, Throwable why) {
            if (why != null) {
                fail(why);
            } else {
                caller = HttpCaller.of(connection);
                send();
            }
        }

        private void send() {
            if (!caller.send(head, this)) {
                fail(new IOException("the connection has ended"));
            }
        }

        @Override
        public void response(HttpResponse response) {
            if (response.status() != 200) {
                fail(new IOException("answered with " + response.status()));
                return;
            }
            answered.increment();
            if (!way.isKept) {
                caller = null;
            }
            if (goesOn) {
                ask();
            } else {
                idle.countDown();
            }
        }

        @Override
        public void failed(CloseReason reason) {
            fail(new IOException(reason.toString()));
        }

        private void fail(Throwable why) {
            failure.compareAndSet(null, why);
            idle.countDown();
        }
    }

    @Override
    public void close() {
        connector.close();
    }

    /** Arguments: the backend's port without TLS, and the one with it; the directory of its certificates. */
    public static void main(String[] args) throws Exception {
        Map<Way, Askers> all = new EnumMap<>(Way.class);
        try {
            for (Way way : Way.values()) {
                int port = Integer.parseInt(args[way.isEncrypted ? 1 : 0]);
                all.put(way, new Askers(way, port, new Certificates(Path.of(args[2])).authority()));
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                System.out.println(all.get(Way.valueOf(words[0])).run(Long.parseLong(words[1])));
            }
        } finally {
            all.values().forEach(Askers::close);
        }
    }
}
