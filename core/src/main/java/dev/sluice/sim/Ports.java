// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who is bound where, and which ports are taken by connections. The maps are only asked, never walked through. */
final class Ports {
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_EPHEMERAL = 60_999;

    private final Map<Integer, List<Binding>> bindings = new HashMap<>();
    private final Map<Route, BitSet> connected = new HashMap<>();
    private final Map<Route, Integer> lastUsed = new HashMap<>();

    /** One claim on an address. */
    static final class Binding {
        final InetSocketAddress address;
        private final boolean reuseAddress;
        private final boolean reusePort;
        private Listening listening;

        Binding(InetSocketAddress address, boolean reuseAddress, boolean reusePort) {
            this.address = address;
            this.reuseAddress = reuseAddress;
            this.reusePort = reusePort;
        }

        void listen(Listening newListening) {
            listening = newListening;
        }

        private boolean excludes(Binding other) {
            boolean overlap = address.getAddress().equals(other.address.getAddress())
                    || address.getAddress().isAnyLocalAddress()
                    || other.address.getAddress().isAnyLocalAddress();
            boolean shared =
                    reusePort && other.reusePort || reuseAddress && other.reuseAddress && other.listening == null;
            return overlap && !shared;
        }
    }

    /** The way of a connection without our port. */
    private record Route(InetAddress from, InetSocketAddress to) {}

    /** Binds; port 0 takes a free one. */
    Binding bind(InetSocketAddress wanted, boolean reuseAddress, boolean reusePort) throws BindException {
        if (wanted.getPort() != 0) {
            Binding binding = new Binding(wanted, reuseAddress, reusePort);
            add(binding);
            return binding;
        }
        for (int port = FIRST_EPHEMERAL; port <= LAST_EPHEMERAL; port++) {
            Binding binding = new Binding(new InetSocketAddress(wanted.getAddress(), port), reuseAddress, reusePort);
            if (!bindings.containsKey(port)) {
                add(binding);
                return binding;
            }
        }
        throw new BindException("Address already in use");
    }

    private void add(Binding binding) throws BindException {
        List<Binding> there = bindings.computeIfAbsent(binding.address.getPort(), port -> new ArrayList<>(1));
        for (Binding other : there) {
            if (binding.excludes(other)) {
                throw new BindException("Address already in use");
            }
        }
        there.add(binding);
    }

    void release(Binding binding) {
        List<Binding> there = bindings.get(binding.address.getPort());
        if (there != null) {
            there.remove(binding);
            if (there.isEmpty()) {
                bindings.remove(binding.address.getPort());
            }
        }
    }

    void release(Listening listening) {
        List<Binding> there = bindings.getOrDefault(listening.local.getPort(), List.of());
        for (Binding binding : List.copyOf(there)) {
            if (binding.listening == listening) {
                release(binding);
            }
        }
    }

    /** Who listens there: of several that share the port one by a hash of the client's address; or null. */
    Listening listening(InetSocketAddress at, InetSocketAddress client) {
        List<Listening> candidates = new ArrayList<>(1);
        for (Binding binding : bindings.getOrDefault(at.getPort(), List.of())) {
            if (binding.listening != null && binding.address.getAddress().equals(at.getAddress())) {
                candidates.add(binding.listening);
            }
        }
        if (candidates.isEmpty()) {
            for (Binding binding : bindings.getOrDefault(at.getPort(), List.of())) {
                if (binding.listening != null && binding.address.getAddress().isAnyLocalAddress()) {
                    candidates.add(binding.listening);
                }
            }
        }
        if (candidates.isEmpty()) {
            return null;
        }
        int hash = 31 * client.getAddress().hashCode() + client.getPort();
        hash *= 0x9E3779B9;
        return candidates.get((int) ((hash & 0xFFFFFFFFL) * candidates.size() >>> 32));
    }

    /** Takes a port for a connect from {@code from} to {@code to}; {@code port} 0 takes a free one. */
    InetSocketAddress take(InetAddress from, int port, InetSocketAddress to) throws BindException {
        Route route = new Route(from, to);
        BitSet taken = connected.computeIfAbsent(route, r -> new BitSet());
        int chosen = port != 0 ? port : freePort(route, taken);
        if (chosen < 0 || taken.get(chosen)) {
            throw new BindException("Cannot assign requested address");
        }
        taken.set(chosen);
        return new InetSocketAddress(from, chosen);
    }

    private int freePort(Route route, BitSet taken) {
        int last = lastUsed.getOrDefault(route, LAST_EPHEMERAL);
        int port = last;
        do {
            port = port == LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
            if (!taken.get(port) && !bindings.containsKey(port)) {
                lastUsed.put(route, port);
                return port;
            }
        } while (port != last);
        return -1;
    }

    /** The connection, if this is its client's end, has ended. */
    void release(Tcp tcp) {
        if (tcp.local == null || tcp.remote == null || tcp.handshake != null) {
            return;
        }
        BitSet taken = connected.get(new Route(tcp.local.getAddress(), tcp.remote));
        if (taken != null) {
            taken.clear(tcp.local.getPort());
        }
    }
}
