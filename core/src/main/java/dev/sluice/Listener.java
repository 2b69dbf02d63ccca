// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Cause;
import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process's end of {@code listen()}: one passive socket, on which the kernel completes connections until an
 * {@link Acceptor} takes them. With {@code Topology.reusePort} an endpoint has one for each loop.
 */
public final class Listener {
    private final Endpoint endpoint;
    private final SocketAddress localAddress;
    final ServerSocketChannel channel;
    final FrameLevel<?>[] levels; // of the endpoint's protocol, by Reader
    final Admission admission; // of the endpoint
    final List<OptionValue<?>> options; // for what is accepted
    private final SocketFile file; // null unless this is a Unix domain socket
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicInteger reserved = new AtomicInteger(); // slots for clients that are being taken
    private final AtomicLong taken = new AtomicLong();
    private volatile boolean abandoned; // and inherited, so that it stays open

    private Listener(
            Endpoint endpoint,
            ServerSocketChannel channel,
            SocketFile file,
            FrameLevel<?>[] levels,
            List<OptionValue<?>> options) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.file = file;
        this.levels = levels;
        this.admission = levels[0].admission;
        this.options = options;
        this.localAddress = file != null ? endpoint.address() : SocketIo.localAddress(channel);
    }

    /**
     * Binds and listens. If it can't, nothing is left open but an inherited socket, as closing that would take standard
     * error away.
     *
     * @throws BindException with one line that names the address
     * @throws IllegalArgumentException if an option is not supported here
     */
    static Listener open(SelectorProvider provider, Endpoint endpoint, boolean reusePort, FrameLevel<?>[] levels)
            throws IOException {
        ServerSocketChannel channel = PassiveSocket.open(provider, endpoint);
        try {
            boolean tcp = endpoint.isTcp() || SocketIo.localAddress(channel) instanceof InetSocketAddress;
            List<OptionValue<?>> accepted = endpoint.options().ofAccepted(provider, tcp);
            List<OptionValue<?>> own = endpoint.options().ofListener(channel.supportedOptions());
            SocketFile file = null;
            if (endpoint.isUnix()) {
                file = SocketFile.bind(channel, endpoint, own);
            } else {
                PassiveSocket.listen(channel, endpoint, reusePort, own);
            }
            return new Listener(endpoint, channel, file, levels, accepted);
        } catch (IOException | UnsupportedAddressTypeException e) {
            abandon(channel, endpoint);
            throw BindTrouble.explained(endpoint, e);
        } catch (RuntimeException | Error e) {
            abandon(channel, endpoint);
            throw e;
        }
    }

    private static void abandon(ServerSocketChannel channel, Endpoint endpoint) {
        if (!endpoint.isInherited()) {
            SocketIo.close(channel);
        }
    }

    /** The endpoint as it was configured. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The address that it is bound to, with the port that was taken where the endpoint says 0. */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /** The port that it is bound to, 1 to 65,535, or -1 for a Unix domain socket. */
    public int port() {
        return localAddress instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    /** How many connections are held that were accepted at its endpoint. */
    public int connections() {
        return admission.held();
    }

    /** {@code HOST:PORT}, with brackets around an IPv6 host, or the path of a Unix domain socket. */
    @Override
    public String toString() {
        return Addresses.text(localAddress);
    }

    /** The endpoint of further listeners on the port that this one was given. */
    Endpoint boundEndpoint() {
        return endpoint.at(localAddress);
    }

    /** One more acceptor uses the channel. */
    void use() {
        users.incrementAndGet();
    }

    // ---- accepting. Where acceptors share it, all are told of each client, and each has to know what the others did.

    /** Reserves a slot for the next client. Returns what there is none of, or null: {@link #takeReserved} has to follow. */
    Cause reserve(long now) {
        reserved.incrementAndGet();
        Cause lacking = admission.reserve(now);
        if (lacking != null) {
            reserved.decrementAndGet();
        }
        return lacking;
    }

    /** Takes the client for whom a slot was reserved, or returns null if nobody is there. */
    SocketChannel takeReserved() throws IOException {
        try {
            return take();
        } finally {
            reserved.decrementAndGet(); // after it was counted
        }
    }

    /** Takes a client for whom there is no slot, or returns null if nobody is there. */
    SocketChannel take() throws IOException {
        SocketChannel client = SocketIo.accept(channel);
        if (client != null) {
            taken.incrementAndGet();
        }
        return client;
    }

    /** How many clients were taken from it. */
    long taken() {
        return taken.get();
    }

    /** Whether it has taken so many, and no acceptor has a slot for one more: who was there at that count still waits. */
    boolean hasTaken(long count) {
        return reserved.get() == 0 && taken.get() == count;
    }

    /** An acceptor has let go of the channel: the last one closes it, so that nobody finds it closed in its hands. */
    void release() {
        if (users.decrementAndGet() == 0) {
            close();
        }
    }

    /** From now on nobody can begin to connect, where that can be seen to while the socket still listens. */
    void hide() {
        if (file != null) {
            file.delete();
        }
    }

    void close() {
        hide();
        if (!abandoned) {
            SocketIo.close(channel);
        }
    }

    /** The server could not start: nothing is left open but an inherited socket, as {@link #open} does it. */
    void abandon() {
        abandoned = endpoint.isInherited();
        close();
    }
}
