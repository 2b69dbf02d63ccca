// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The options of one socket: kept and told as the JDK does; those that the simulation acts on are asked for here. */
final class Options {
    private static final int LONGEST_LINGER = 65_535;
    private static final int LEAST_SEND = 2304;
    private static final int LEAST_RECEIVE = 1152;

    /** An option of the module {@code jdk.net}, which is found by its name, so that nobody needs that module. */
    private record Named(String name, Integer usual) implements SocketOption<Integer> {
        @Override
        public Class<Integer> type() {
            return Integer.class;
        }
    }

    static final Set<SocketOption<?>> OF_CONNECTIONS = Set.of(
            new Named("TCP_KEEPIDLE", 7200),
            new Named("TCP_KEEPINTERVAL", 75),
            new Named("TCP_KEEPCOUNT", 9),
            StandardSocketOptions.SO_SNDBUF,
            StandardSocketOptions.SO_RCVBUF,
            StandardSocketOptions.SO_KEEPALIVE,
            StandardSocketOptions.SO_REUSEADDR,
            StandardSocketOptions.SO_REUSEPORT,
            StandardSocketOptions.SO_LINGER,
            StandardSocketOptions.TCP_NODELAY,
            StandardSocketOptions.IP_TOS);
    static final Set<SocketOption<?>> OF_LISTENERS = Set.of(
            StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT);

    private final Set<SocketOption<?>> supported;
    private Map<SocketOption<?>, Object> set; // made on demand: there are very many sockets

    Options(Set<SocketOption<?>> supported) {
        this.supported = supported;
    }

    void checkSupported(SocketOption<?> option) {
        Objects.requireNonNull(option);
        if (!supported.contains(option)) {
            throw new UnsupportedOperationException("'" + option + "' not supported");
        }
    }

    void set(SocketOption<?> option, Object value) {
        if (!option.type().isInstance(value)) {
            throw new IllegalArgumentException("Invalid value '" + value + "'");
        }
        if (set == null) {
            set = new LinkedHashMap<>(4);
        }
        set.put(option, value instanceof Integer number ? inRange(option, number) : value);
    }

    private static Integer inRange(SocketOption<?> option, int value) {
        boolean sends = option == StandardSocketOptions.SO_SNDBUF;
        if (sends || option == StandardSocketOptions.SO_RCVBUF) {
            if (value < 0) {
                throw new IllegalArgumentException("Invalid send/receive buffer size");
            }
            return Math.max(value, sends ? LEAST_SEND : LEAST_RECEIVE);
        }
        if (option == StandardSocketOptions.SO_LINGER) {
            return value < 0 ? -1 : Math.min(value, LONGEST_LINGER);
        }
        return value;
    }

    <T> T get(SocketOption<T> option, T byDefault) {
        Object value = set == null ? null : set.get(option);
        return value == null ? byDefault : option.type().cast(value);
    }

    Object getOrDefault(SocketOption<?> option) {
        if (option == StandardSocketOptions.SO_LINGER) {
            return get(StandardSocketOptions.SO_LINGER, -1);
        }
        if (option == StandardSocketOptions.IP_TOS) {
            return get(StandardSocketOptions.IP_TOS, 0);
        }
        if (option instanceof Named named) {
            return get(named, named.usual());
        }
        return set != null && set.get(option) != null && set.get(option).equals(true);
    }

    /** Whether closing is to reset the peer. */
    boolean abortsOnClose() {
        return get(StandardSocketOptions.SO_LINGER, -1) == 0;
    }
}
