// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.CompletableFuture;

/**
 * One connection on its way. Until that is open, this is its attachment.
 *
 * @param connector whose options it has
 * @param reader who will own it
 * @param level its protocol there
 * @param local where to bind, or null
 * @param remote where to connect to
 * @param attachment the user's
 * @param result told the outcome
 */
record Attempt(
        Connector connector,
        Reader reader,
        FrameLevel<?> level,
        SocketAddress local,
        SocketAddress remote,
        Object attachment,
        CompletableFuture<Connection> result)
        implements Work {

    @Override
    public void run() throws Exception {
        SocketChannel channel = open();
        SocketConnection c;
        try {
            SocketIo.configure(channel, connector.optionsFor(reader.provider(), remote));
            boolean connected = SocketIo.connect(channel, local, remote);
            c = reader.take(channel, level, connected ? ConnectionState.OPEN : ConnectionState.CONNECTING);
            c.attach(this);
        } catch (IOException | RuntimeException | Error e) {
            reader.notTaken(level, channel);
            result.completeExceptionally(named(e));
            return;
        }
        if (c.state() == ConnectionState.OPEN) {
            opened(c);
        } else {
            reader.watch.connecting(c);
        }
    }

    private SocketChannel open() throws IOException {
        SelectorProvider provider = reader.provider();
        if (!(remote instanceof InetSocketAddress inet)) {
            return provider.openSocketChannel(StandardProtocolFamily.UNIX);
        }
        // A socket for IPv4 alone takes a system call less to make than one for both, which is the JDK's own choice.
        boolean both = inet.getAddress() instanceof Inet6Address
                || local instanceof InetSocketAddress here && here.getAddress() instanceof Inet6Address;
        return both ? provider.openSocketChannel() : provider.openSocketChannel(StandardProtocolFamily.INET);
    }

    /** The channel could not even be opened, or the loop has ended. */
    @Override
    public void failed(Throwable cause) {
        reader.notTaken(level, null);
        result.completeExceptionally(named(cause));
    }

    /** The socket says that the connect has ended. */
    void finish(SocketConnection c) {
        try {
            if (!SocketIo.finishConnect(c.channel)) {
                return;
            }
        } catch (IOException e) {
            c.cutForIo(e);
            return;
        }
        c.connected();
        opened(c);
    }

    private void opened(SocketConnection c) {
        c.attach(attachment);
        try {
            c.opened();
        } catch (Throwable e) {
            c.failed(e);
            result.completeExceptionally(e);
            return;
        }
        if (!result.complete(c)) {
            c.close(); // whoever asked has given up
        }
    }

    /** The connection has ended before it was open. */
    void ended(CloseReason reason) {
        result.completeExceptionally(named(why(reason)));
    }

    private static IOException why(CloseReason reason) {
        if (reason instanceof CloseReason.IoFailed io) {
            return io.cause();
        } else if (reason instanceof CloseReason.PeerReset reset) {
            return reset.cause();
        } else if (reason instanceof CloseReason.DeadlinePassed passed) {
            return new SocketTimeoutException("no answer within deadlines.connect of " + passed.limit());
        }
        return new IOException(reason instanceof CloseReason.Stopped ? "it is stopped" : String.valueOf(reason));
    }

    private IOException named(Throwable cause) {
        String why = cause.getMessage();
        if (cause instanceof UnresolvedAddressException) {
            why = "there is no such host, or nobody has looked it up, as new InetSocketAddress(host, port) does";
        } else if (why == null) {
            why = cause.getClass().getSimpleName();
        }
        return new IOException("cannot connect to " + Addresses.text(remote) + ": " + why, cause);
    }
}
