// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process's end of {@code listen()}: one passive socket, on which the kernel completes connections until an
 * {@link Acceptor} takes them. With {@code Topology.reusePort} an endpoint has one for each loop.
 */
public final class Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final Endpoint endpoint;
    private final SocketAddress localAddress;
    final ServerSocketChannel channel;
    final FrameLevel<?>[] levels; // of the endpoint's protocol, by Reader
    final Admission admission; // of the endpoint
    private final AtomicInteger users = new AtomicInteger();

    private Listener(Endpoint endpoint, ServerSocketChannel channel, FrameLevel<?>[] levels) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.levels = levels;
        this.admission = levels[0].admission;
        this.localAddress = SocketIo.localAddress(channel);
    }

    /** Binds and listens. The message of what this throws names the address. */
    static Listener open(SelectorProvider provider, Endpoint endpoint, boolean reusePort, FrameLevel<?>[] levels)
            throws IOException {
        ServerSocketChannel channel = endpoint.isTcp()
                ? provider.openServerSocketChannel()
                : provider.openServerSocketChannel(StandardProtocolFamily.UNIX);
        try {
            SocketIo.listen(channel, endpoint.address(), endpoint.backlog(), reusePort);
        } catch (IOException | RuntimeException e) {
            SocketIo.close(channel);
            BindException named = new BindException("cannot listen on " + endpoint + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
        return new Listener(endpoint, channel, levels);
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
        return new Endpoint(localAddress, endpoint.backlog(), endpoint.connections());
    }

    /** One more acceptor uses the channel. */
    void use() {
        users.incrementAndGet();
    }

    /** An acceptor has let go of the channel: the last one closes it, so that nobody finds it closed in its hands. */
    void release() {
        if (users.decrementAndGet() == 0) {
            close();
        }
    }

    void close() {
        SocketIo.close(channel);
        if (endpoint.address() instanceof UnixDomainSocketAddress unix) {
            deleteFile(unix.getPath());
        }
    }

    private static void deleteFile(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("the socket file {} could not be deleted: {}", path, e.toString());
        }
    }
}
