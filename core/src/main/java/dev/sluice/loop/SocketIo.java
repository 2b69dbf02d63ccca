// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;

/** The one place that makes system calls on sockets, and that knows what the JDK makes of them. */
public final class SocketIo {
    /**
     * The JDK copies heap buffers into a direct one of the same size that it keeps per thread, so a large heap buffer
     * is shown to it in windows.
     */
    private static final int HEAP_WINDOW = 64 * 1024;

    private SocketIo() {}

    /**
     * Writes, reads and closes once, over a connection of its own. Classes of the JDK that do that take a descriptor when
     * they are loaded. If there is none at that moment they can never be used again, so it must not be left to the first
     * client, who may be one of too many.
     */
    public static void rehearse() throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort, 1);
                SocketChannel one = SocketChannel.open(listener.getLocalAddress());
                SocketChannel other = listener.accept()) {
            one.write(ByteBuffer.wrap(new byte[1]));
            other.read(ByteBuffer.allocate(1));
            reset(other);
        }
    }

    /** Binds and listens. Options are set before that, since the window scale of TCP comes from the listening socket. */
    public static void listen(
            ServerSocketChannel channel,
            SocketAddress address,
            int backlog,
            boolean reusePort,
            List<OptionValue<?>> options)
            throws IOException {
        channel.configureBlocking(false);
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEADDR)) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        }
        if (reusePort) {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        set(channel, options);
        channel.bind(address, backlog);
    }

    /** Makes a socket that listens already ready for a selector. */
    public static void takeOver(ServerSocketChannel channel, List<OptionValue<?>> options) throws IOException {
        channel.configureBlocking(false);
        set(channel, options);
    }

    /** Opens a TCP socket, neither bound nor connected. */
    public static SocketChannel open(SelectorProvider provider) throws IOException {
        return provider.openSocketChannel();
    }

    /** Returns the next connection, or null if none is waiting. */
    public static SocketChannel accept(ServerSocketChannel channel) throws IOException {
        return channel.accept();
    }

    /** Makes a connection ready for a selector. */
    public static void configure(SocketChannel channel, List<OptionValue<?>> options) throws IOException {
        channel.configureBlocking(false);
        set(channel, options);
    }

    private static void set(NetworkChannel channel, List<OptionValue<?>> options) throws IOException {
        for (int i = 0; i < options.size(); i++) { // without an iterator: it runs for each connection
            set(channel, options.get(i));
        }
    }

    private static <T> void set(NetworkChannel channel, OptionValue<T> option) throws IOException {
        channel.setOption(option.option(), option.value());
    }

    /** Whether somebody listens on the Unix domain socket of that file. The file may be anything. */
    public static boolean isLive(SelectorProvider provider, UnixDomainSocketAddress address) throws IOException {
        try (SocketChannel probe = provider.openSocketChannel(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a full backlog then fails the connect instead of blocking it
            probe.connect(address);
            return true;
        } catch (ConnectException e) {
            return false;
        }
    }

    /** Binds (to {@code local}, unless it is null) and begins to connect. Returns whether that was done at once. */
    public static boolean connect(SocketChannel channel, SocketAddress local, SocketAddress remote) throws IOException {
        if (local != null) {
            bind(channel, local);
        }
        return channel.connect(remote);
    }

    /**
     * Binds a socket that is to connect. With {@code SO_REUSEADDR} several may be bound to the same port, which then has a
     * connection to each of several destinations; where the kernel chooses the port, each shall have its own.
     */
    public static void bind(SocketChannel channel, SocketAddress local) throws IOException {
        if (local instanceof InetSocketAddress inet && inet.getPort() != 0) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        }
        channel.bind(local);
    }

    /** Ends a connect. Returns false if it is still under way. */
    public static boolean finishConnect(SocketChannel channel) throws IOException {
        return channel.finishConnect();
    }

    /** Reads once. Returns the number of bytes, 0 if there are none now, -1 if the peer has ended its stream. */
    public static int read(SocketChannel channel, ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    /** Writes what the socket takes; the position of {@code bytes} moves by that. */
    public static int write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        if (bytes.isDirect() || bytes.remaining() <= HEAP_WINDOW) {
            return channel.write(bytes);
        }
        return writeInWindows(channel, bytes);
    }

    /**
     * Writes what the socket takes of a file, without bringing it into the process where the system can do that. The
     * thread's interrupt status is cleared: the JDK would close file and socket for it.
     */
    public static int transfer(FileChannel file, long position, int count, SocketChannel channel) throws IOException {
        Thread.interrupted();
        return (int) file.transferTo(position, count, channel);
    }

    private static int writeInWindows(SocketChannel channel, ByteBuffer bytes) throws IOException {
        int limit = bytes.limit();
        int written = 0;
        try {
            while (bytes.position() < limit) {
                bytes.limit(Math.min(limit, bytes.position() + HEAP_WINDOW));
                written += channel.write(bytes);
                if (bytes.hasRemaining()) {
                    break;
                }
            }
        } finally {
            bytes.limit(limit);
        }
        return written;
    }

    /**
     * Ends our direction of the stream: the peer reads the end after all that was written. Returns false if that can't
     * be told to the peer any more.
     */
    public static boolean endOutput(SocketChannel channel) {
        try {
            channel.shutdownOutput();
            return true;
        } catch (IOException e) {
            return false; // closed or reset by the peer
        }
    }

    /** Closes. A failure to close leaves nothing that could be done about it, so it isn't reported. */
    public static void close(NetworkChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The JDK releases the descriptor at the selector's next select all the same, whatever close(2) returns.
        }
    }

    /** Closes with a reset: what the peer has not read yet may be lost to it. */
    public static void reset(SocketChannel channel) {
        try {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // Closed or reset by the peer already; closing is all that is left to do.
        }
        close(channel);
    }

    /**
     * Whether a failed read or write means that the connection was reset. The JDK has no type for it, only a text that
     * comes from the C library, so one it has translated is not recognised.
     */
    public static boolean isReset(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("reset") || message.contains("Broken pipe");
    }

    /** The peer's address, or null if the channel is closed. */
    public static SocketAddress remoteAddress(SocketChannel channel) {
        try {
            return channel.getRemoteAddress();
        } catch (ClosedChannelException e) {
            return null;
        } catch (IOException e) {
            throw new AssertionError("the JDK keeps the address in the channel", e);
        }
    }

    /** Our address, or null if the channel is closed. */
    public static SocketAddress localAddress(NetworkChannel channel) {
        try {
            return channel.getLocalAddress();
        } catch (ClosedChannelException e) {
            return null;
        } catch (IOException e) {
            throw new AssertionError("the JDK keeps the address in the channel", e);
        }
    }
}
