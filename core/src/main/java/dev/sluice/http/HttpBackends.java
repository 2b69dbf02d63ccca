// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.tls.ClientTls;
import dev.sluice.upstream.ConnectionPool;
import dev.sluice.upstream.Upstream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Servers that an {@link HttpProxy} passes requests on to, and how: the {@link Upstream} whose backends they are, and the
 * connections to them, which are shared by all clients.
 *
 * <pre>{@code
 * HttpBackends shop = HttpBackends.builder(upstream)
 *         .pool(pool -> pool.connections(64))
 *         .responseTimeout(Duration.ofSeconds(30))
 *         .build();
 * }</pre>
 *
 * <p><b>Tried again</b>, on another connection and where there is one another backend, is what did no harm: a request
 * for which no connection could be made; and one with an idempotent method (RFC 9110, 9.2.2) whose connection ended
 * before anything of a response had come, if all of its body is still {@linkplain Builder#heldBytes held}.
 *
 * <p>Any thread.
 */
public final class HttpBackends implements AutoCloseable {
    private final Upstream upstream;
    private final UnaryOperator<ConnectionPool.Builder> pool;
    private final ClientTls tls;
    private final String host;
    private final String prefix;
    private final String replacement;
    private final Duration responseTimeout;
    private final int retries;
    private final int heldBytes;
    private final long heldBytesOfAll;
    private final HttpLimits limits;
    private final Set<String> upgrades;
    private final boolean connects;
    private final Duration tunnelIdle;

    private final ConcurrentHashMap<HttpProxy, BackendLanes> lanes = new ConcurrentHashMap<>();
    private final ProxyCounters counters = new ProxyCounters();
    private final AtomicLong heldNow = new AtomicLong();
    private volatile boolean closed;

    private HttpBackends(Builder builder) {
        this.upstream = builder.upstream;
        this.pool = builder.pool;
        this.tls = builder.tls;
        this.host = builder.host;
        this.prefix = builder.prefix;
        this.replacement = builder.replacement;
        this.responseTimeout = builder.responseTimeout;
        this.retries = builder.retries;
        this.heldBytes = builder.heldBytes;
        this.heldBytesOfAll = builder.heldBytesOfAll;
        this.limits = builder.limits;
        this.upgrades = builder.upgrades;
        this.connects = builder.connects;
        this.tunnelIdle = builder.tunnelIdle;
    }

    /** With the defaults of {@link Builder}. */
    public static HttpBackends of(Upstream upstream) {
        return builder(upstream).build();
    }

    /** Begins the configuration. */
    public static Builder builder(Upstream upstream) {
        return new Builder(Objects.requireNonNull(upstream, "upstream"));
    }

    /** Who they are. */
    public Upstream upstream() {
        return upstream;
    }

    /** What has become of the requests so far, and the connections that there are. */
    public HttpBackendsStatus status() {
        return counters.status(lanes.values());
    }

    /**
     * Takes no request any more: clients whose requests are routed here are told 503. Those that are under way are
     * answered, and then the connections end. Whoever replaces one by another changes the routes before. Doesn't wait.
     */
    @Override
    public void close() {
        closed = true;
        lanes.values().forEach(BackendLanes::retire);
    }

    // ---- for the proxy

    /** Those of a proxy. */
    BackendLanes lanes(HttpProxy proxy) {
        BackendLanes known = lanes.get(proxy);
        return known != null ? known : newLanes(proxy);
    }

    private BackendLanes newLanes(HttpProxy proxy) {
        lanes.values().removeIf(BackendLanes::hasEnded); // servers may come and go
        BackendLanes made = lanes.computeIfAbsent(proxy, key -> new BackendLanes(this, key));
        if (closed) { // meanwhile, by somebody who may not have seen them
            made.retire();
        }
        return made;
    }

    boolean isClosed() {
        return closed;
    }

    ConnectionPool.Builder pool(ConnectionPool.Builder defaults) {
        return pool.apply(defaults);
    }

    /** Null for none. */
    ClientTls tls() {
        return tls;
    }

    /** Null if it is what the client says. */
    String host() {
        return host;
    }

    String prefix() {
        return prefix;
    }

    String replacement() {
        return replacement;
    }

    Duration responseTimeout() {
        return responseTimeout;
    }

    int retries() {
        return retries;
    }

    int heldBytes() {
        return heldBytes;
    }

    /** Some more of a body is held, or less. */
    void held(long bytes) {
        heldNow.addAndGet(bytes);
    }

    /** How much of bodies is held. */
    long heldNow() {
        return heldNow.get();
    }

    /** Whether as much is held as may be. */
    boolean isHeldFull() {
        return heldNow() > heldBytesOfAll;
    }

    HttpLimits limits() {
        return limits;
    }

    /** Whether a request may go on in another protocol, if the backend wants that too. */
    boolean mayUpgrade(HttpRequest request) {
        if (upgrades.isEmpty() || request.isHttp10() || request.hasBody() || !request.isKeepAlive()) {
            return false;
        }
        if (!request.method().equals("GET")) { // HEAD's response would be one without what follows
            return false;
        }
        HttpFields fields = request.fields();
        int upgrade = fields.find("Upgrade", 0);
        if (upgrade < 0 || fields.find("Upgrade", upgrade + 1) >= 0) {
            return false;
        }
        for (int field = fields.find("Connection", 0); field >= 0; field = fields.find("Connection", field + 1)) {
            if (fields.hasToken(field, "upgrade")) {
                return upgrades.contains(fields.value(upgrade).toLowerCase(Locale.ROOT));
            }
        }
        return false;
    }

    boolean connects() {
        return connects;
    }

    Duration tunnelIdle() {
        return tunnelIdle;
    }

    ProxyCounters counters() {
        return counters;
    }

    /** The upstream's name. */
    @Override
    public String toString() {
        return upstream.name();
    }

    /** What they are made from. One thread at a time. */
    public static final class Builder {
        private static final Duration SHORTEST = Duration.ofMillis(1);
        private static final Duration LONGEST = Duration.ofDays(1);
        private static final int MOST_RETRIES = 100;
        private static final int MOST_HELD = 1 << 30;
        private static final long MOST_HELD_OF_ALL = 1L << 62;

        private final Upstream upstream;
        private UnaryOperator<ConnectionPool.Builder> pool = builder -> builder;
        private ClientTls tls;
        private String host;
        private String prefix = "";
        private String replacement = "";
        private Duration responseTimeout = Duration.ofSeconds(60);
        private int retries = 1;
        private int heldBytes = 64 * 1024;
        private long heldBytesOfAll = 64L * 1024 * 1024;
        private HttpLimits limits = HttpLimits.defaults().withBodyBytes(Long.MAX_VALUE);
        private Set<String> upgrades = Set.of();
        private boolean connects;
        private Duration tunnelIdle = Duration.ofHours(1);

        private Builder(Upstream upstream) {
            this.upstream = upstream;
        }

        /** How many connections there are, and for how long; by default as {@link ConnectionPool.Builder} says. */
        public Builder pool(UnaryOperator<ConnectionPool.Builder> settings) {
            pool = Objects.requireNonNull(settings, "pool");
            return this;
        }

        /** Has the connections speak TLS; by default they don't. */
        public Builder tls(ClientTls settings) {
            tls = Objects.requireNonNull(settings, "tls");
            return this;
        }

        /**
         * The {@code Host} that backends are told; by default the client's.
         *
         * @throws IllegalArgumentException if that is no value of that field
         */
        public Builder host(String name) {
            for (int i = 0; i < name.length(); i++) {
                if (name.charAt(i) > 0x7f || !HttpBytes.isHost((byte) name.charAt(i))) {
                    throw new IllegalArgumentException("host: at " + i + " there is "
                            + Integer.toHexString(name.charAt(i)) + " (hexadecimal), which no host has");
                }
            }
            host = name;
            return this;
        }

        /**
         * Writes a target that begins with {@code prefix} with {@code replacement} in its place; by default targets are
         * passed on as they are.
         *
         * @throws IllegalArgumentException if one doesn't begin with a slash, or has a character that isn't a target's
         */
        public Builder replacePrefix(String prefix, String replacement) {
            checkPath("prefix", prefix);
            checkPath("replacement", replacement);
            this.prefix = prefix;
            this.replacement = replacement;
            return this;
        }

        private static void checkPath(String what, String path) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException(what + ": a path begins with a slash");
            }
            for (int i = 0; i < path.length(); i++) {
                char c = path.charAt(i);
                if (c > 0x7f || c == '?' || !HttpBytes.isTarget((byte) c)) {
                    throw new IllegalArgumentException(what + ": at " + i + " there is " + Integer.toHexString(c)
                            + " (hexadecimal), which no path has; write it percent-encoded");
                }
            }
        }

        /**
         * For how long a backend may send nothing of the response, from when it has the request, or from one piece to
         * the next, 1 ms to 1 d; by default 60 s. Time in which the client doesn't read doesn't count. It is late by up
         * to an eighth, at least 10 ms and at most 1 s.
         */
        public Builder responseTimeout(Duration time) {
            responseTimeout = time;
            return this;
        }

        /**
         * How often a request is tried again, 0 to 100; by default once. Beside that, up to eight kept connections in a
         * row may turn out to be dead, as where their server was started anew.
         */
        public Builder retries(int most) {
            retries = most;
            return this;
        }

        /**
         * Up to which size the body of a request is held until it is whole, before anything is sent to a backend, 0 to
         * 1 GiB; by default 64 KiB. Slow clients keep no connection to a backend busy then. A longer body is passed on
         * piece by piece.
         */
        public Builder heldBytes(int most) {
            heldBytes = most;
            return this;
        }

        /** Limits of responses; by default {@link HttpLimits#defaults}, with bodies of any length. */
        public Builder limits(HttpLimits its) {
            limits = Objects.requireNonNull(its, "limits");
            return this;
        }

        /**
         * How many bytes of bodies, and of the heads that wait for them, are held at a time, by all requests together, 0 to
         * 2<sup>62</sup>; by default 64 MiB. Beyond, bodies are passed on piece by piece, whatever their length.
         */
        public Builder heldBytesOfAll(long most) {
            heldBytesOfAll = most;
            return this;
        }

        /**
         * Which protocols a client may go on in by GET (RFC 9110, 7.8), for instance {@code websocket}, if the backend
         * agrees; by default none. What is sent then is passed on without a look at it, so no rule of the proxy holds
         * for it: name no version of HTTP.
         */
        public Builder upgrades(String... protocols) {
            upgrades = Arrays.stream(protocols)
                    .map(protocol -> protocol.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toUnmodifiableSet());
            return this;
        }

        /**
         * Whether CONNECT is passed on, to backends that are proxies themselves and judge whom it may reach (RFC 9110,
         * 9.3.6); by default it is answered with 501.
         */
        public Builder connects(boolean passedOn) {
            connects = passedOn;
            return this;
        }

        /**
         * For how long nothing may pass through a tunnel, such as {@link #upgrades} and {@link #connects} make, 1 ms to
         * 1 d; by default 1 h. It is as late as {@link #responseTimeout}.
         */
        public Builder tunnelIdle(Duration time) {
            tunnelIdle = time;
            return this;
        }

        /**
         * Checks the configuration, and makes them.
         *
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public HttpBackends build() {
            check("retries", retries, MOST_RETRIES);
            check("heldBytes", heldBytes, MOST_HELD);
            check("heldBytesOfAll", heldBytesOfAll, MOST_HELD_OF_ALL);
            check("responseTimeout", responseTimeout);
            check("tunnelIdle", tunnelIdle);
            return new HttpBackends(this);
        }

        private static void check(String name, Duration time) {
            Objects.requireNonNull(time, name);
            if (time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        name + ": " + time + " is not within " + SHORTEST + " to " + LONGEST);
            }
        }

        private static void check(String name, long value, long most) {
            if (value < 0 || value > most) {
                throw new IllegalArgumentException(name + ": " + value + " is not within 0 to " + most);
            }
        }
    }
}
