// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import dev.sluice.loop.Work;
import dev.sluice.outbound.PortsExhausted;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
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
 * @param preface what is sent before all else, or null
 * @param result given the connection, and why there is none unless it is one of several
 * @param of the connect whose attempts to several addresses this is one of, or null
 */
record Attempt(
        Connector connector,
        Reader reader,
        FrameLevel<?> level,
        SocketAddress local,
        SocketAddress remote,
        Object attachment,
        ByteBuffer preface,
        CompletableFuture<Connection> result,
        NamedConnect of)
        implements Work {

    /** It says nothing about whom it was to connect to: the system has no socket to give, for instance, or this one stops. */
    static final class OfOurs extends IOException {
        private static final long serialVersionUID = 1L;

        OfOurs(String message) {
            super(message);
        }

        OfOurs(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    @Override
    public void run() throws Exception {
        if (of != null && !of.isRacing()) { // it has been put off, and another address has answered
            reader.notTaken(level, null);
            return;
        }
        SourcePorts ports = connector.sourcePorts(remote);
        InetSocketAddress source = null;
        SocketChannel channel = null;
        SocketConnection c;
        try {
            if (ports != null) {
                source = ports.take((InetSocketAddress) remote, reader.loop.now());
            }
            channel = open();
            SocketIo.configure(channel, connector.optionsFor(reader.provider(), remote));
            boolean connected = source == null
                    ? SocketIo.connect(channel, local, remote)
                    : ports.connect(channel, source, (InetSocketAddress) remote, reader.loop.now());
            c = reader.take(channel, level, connected ? ConnectionState.OPEN : ConnectionState.CONNECTING);
            c.attach(this);
            if (of != null) {
                of.runs(c);
            }
        } catch (SourcePorts.Refused e) {
            SocketIo.close(channel);
            tryNextSource(e);
            return;
        } catch (IOException | RuntimeException | Error e) {
            reader.notTaken(level, channel);
            if (source != null) {
                ports.neverWas(source, remote, reader.loop.now());
            }
            fails(e);
            return;
        }
        if (c.state() == ConnectionState.OPEN) {
            opened(c);
        } else {
            reader.watch.connecting(c);
            mayBeGivenUp(c);
        }
    }

    private void mayBeGivenUp(SocketConnection c) {
        result.whenComplete((connection, failure) -> {
            if (failure != null) { // somebody has given up: nothing is held for that until the deadline
                c.onLoopDo(() -> giveUp(c));
            }
        });
    }

    private static void giveUp(SocketConnection c) {
        if (c.state() == ConnectionState.CONNECTING || c.attachment() instanceof Securing) {
            c.cut(CloseReason.ClosedHere::new);
        }
    }

    // In the next mail phase, so that others have their turn however many ports are refused.
    private void tryNextSource(IOException refusal) {
        if (reader.loop.hasEnded() || result.isDone()) {
            failed(refusal);
        } else {
            reader.loop.later(this);
        }
    }

    private SocketChannel open() throws IOException {
        try {
            return open(reader.provider());
        } catch (IOException e) {
            throw new OfOurs(e);
        }
    }

    private SocketChannel open(SelectorProvider provider) throws IOException {
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
        fails(cause);
    }

    /** The socket says that the connect has ended. */
    void finish(SocketConnection c) {
        SourcePorts ports = connector.sourcePorts(remote);
        SocketAddress source = ports == null ? null : SocketIo.localAddress(c.channel);
        try {
            if (!SocketIo.finishConnect(c.channel)) {
                return;
            }
        } catch (IOException e) {
            if (source != null && !c.channel.isOpen()) { // the JDK has closed it, so its end doesn't know the port
                ports.neverWas(source, remote, reader.loop.now());
            }
            c.cutForIo(e);
            return;
        }
        c.connected();
        opened(c);
    }

    private void opened(SocketConnection c) {
        if (of != null && !of.wins(c)) {
            c.cut(CloseReason.ClosedHere::new);
            return;
        }
        if (c instanceof TlsConnection later && level.security.onCommand()) {
            later.mayConnectTo(host(), port());
            tell(c);
        } else if (c instanceof TlsConnection secure) {
            secure(secure);
        } else {
            tell(c);
        }
    }

    private void tell(SocketConnection c) {
        c.attach(attachment);
        try {
            if (preface != null && (level.security == null || level.security.onCommand())) {
                c.send(preface);
            }
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

    private void secure(TlsConnection c) {
        c.attach(new Securing(this));
        mayBeGivenUp(c);
        if (c.state() == ConnectionState.OPEN) {
            c.begin(host(), port(), preface);
        }
    }

    private String host() {
        if (of != null) {
            return of.host();
        }
        return remote instanceof InetSocketAddress inet ? inet.getHostString() : "localhost";
    }

    private int port() {
        return remote instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    /**
     * An attempt that has connected, and agrees on keys now. Until that is over, this is the connection's attachment.
     *
     * @param attempt what it was before
     */
    record Securing(Attempt attempt) {
        /** Its handshake is over. */
        void secured(TlsConnection c) {
            attempt.tell(c);
        }

        /** The connection has ended before that. */
        void ended(CloseReason reason) {
            attempt.failsAlone(why(reason));
        }
    }

    /** The connection has ended before it was open. */
    void ended(CloseReason reason) {
        fails(why(reason));
    }

    private void fails(Throwable cause) {
        if (of != null) {
            of.failed(remote, cause);
        } else {
            failsAlone(cause);
        }
    }

    private void failsAlone(Throwable cause) {
        result.completeExceptionally(failure(Addresses.text(remote) + ": " + text(cause), cause));
    }

    private static IOException why(CloseReason reason) {
        if (reason instanceof CloseReason.IoFailed io) {
            return io.cause();
        } else if (reason instanceof CloseReason.PeerReset reset) {
            return reset.cause();
        } else if (reason instanceof CloseReason.DeadlinePassed passed) {
            String what = passed.deadline() == CloseReason.Deadline.HANDSHAKE ? "handshake" : "connect";
            return new SocketTimeoutException("no answer within deadlines." + what + " of " + passed.limit());
        } else if (reason instanceof CloseReason.TlsFailed failed) {
            return new IOException("TLS: " + TlsTrouble.text(failed.cause()), failed.cause());
        }
        return reason instanceof CloseReason.Stopped
                ? new OfOurs("it is stopped")
                : reason instanceof CloseReason.BudgetExhausted
                        ? new OfOurs(reason.toString())
                        : new IOException(String.valueOf(reason));
    }

    /** What a connect fails with that has come to nothing, for that cause. */
    static IOException failure(String whereAndWhy, Throwable cause) {
        if (cause instanceof PortsExhausted exhausted) {
            return exhausted; // which says where to
        }
        IOException failure = new IOException("cannot connect to " + whereAndWhy, kind(cause));
        if (cause instanceof OfOurs && cause.getCause() != null) {
            failure.addSuppressed(cause.getCause());
        }
        return failure;
    }

    /** What tells the kind of a failure: null if it says nothing about whom it was to connect to. */
    static Throwable kind(Throwable cause) {
        return cause instanceof OfOurs ? null : cause;
    }

    /** A cause in words. */
    static String text(Throwable cause) {
        if (cause instanceof UnresolvedAddressException) {
            return "the local address is a name that nobody has looked up";
        } else if (cause instanceof UnknownHostException) {
            return "there is no such host (" + cause.getMessage() + ")";
        }
        return cause.getMessage() != null
                ? cause.getMessage()
                : cause.getClass().getSimpleName();
    }
}
