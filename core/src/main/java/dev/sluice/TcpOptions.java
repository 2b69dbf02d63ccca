// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.OptionValue;
import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the kernel is told about each accepted or connected socket. On a Unix domain socket only the two sizes of buffers
 * count; the others make no sense there and are passed over. An option that the system or its provider of channels
 * doesn't have is refused at start, by name.
 *
 * <p>A positive {@code SO_LINGER} is not offered: it would make {@code close} block the loop, and the JDK switches it off
 * on channels that are registered with a selector. {@link Deadlines#linger} is what bounds an ending in order.
 *
 * @param noDelay {@code TCP_NODELAY}: small writes leave at once. True by default, since replies to all requests of one
 *     read leave in one write anyway
 * @param keepAlive whether and when the kernel asks a silent peer whether it is still there; off by default
 * @param receiveBuffer {@code SO_RCVBUF}, 1 to 1,073,741,823 bytes, or 0 for the machine's own, which grows by itself.
 *     Set on the listening socket before it is bound, or before the connect, so that TCP's window scale fits it. Linux
 *     doubles it, and cuts it at {@code net.core.rmem_max}
 * @param sendBuffer {@code SO_SNDBUF}, the same; cut at {@code net.core.wmem_max}
 * @param trafficClass {@code IP_TOS} and IPv6's traffic class, 0 to 255 (RFC 2474: the upper six bits are the DSCP); 0 is
 *     what the kernel takes
 * @param resetOnClose {@code SO_LINGER} with 0: each close resets, as {@link Connection#abort} does, and what the peer has
 *     not received by then is lost, replies included. For load generators that must not leave ports in TIME_WAIT; false
 *     by default
 */
public record TcpOptions(
        boolean noDelay,
        KeepAlive keepAlive,
        int receiveBuffer,
        int sendBuffer,
        int trafficClass,
        boolean resetOnClose) {
    private static final TcpOptions DEFAULTS = new TcpOptions(true, KeepAlive.OFF, 0, 0, 0, false);
    private static final int LARGEST_BUFFER = (1 << 30) - 1; // Linux doubles it in an int

    /**
     * {@code SO_KEEPALIVE}, and where the system has them {@code TCP_KEEPIDLE}, {@code TCP_KEEPINTERVAL} and
     * {@code TCP_KEEPCOUNT}.
     *
     * @param on whether the kernel probes at all
     * @param idle silence before the first probe, 1 to 32,767 whole seconds; zero for the machine's own (Linux:
     *     {@code net.ipv4.tcp_keepalive_time}, two hours)
     * @param interval between probes, 1 to 32,767 whole seconds; zero for the machine's own (75 seconds)
     * @param probes unanswered ones after which the connection is reset, 1 to 127; 0 for the machine's own (9)
     */
    public record KeepAlive(boolean on, Duration idle, Duration interval, int probes) {
        /** The kernel doesn't probe. */
        public static final KeepAlive OFF = new KeepAlive(false, Duration.ZERO, Duration.ZERO, 0);
        /** The kernel probes as the machine is set to. */
        public static final KeepAlive ON = new KeepAlive(true, Duration.ZERO, Duration.ZERO, 0);

        /** Checks that the durations are there. */
        public KeepAlive {
            Check.present("options.keepAlive.idle", idle);
            Check.present("options.keepAlive.interval", interval);
        }

        /** The kernel probes after so much silence, in such an interval, so many times. */
        public static KeepAlive of(Duration idle, Duration interval, int probes) {
            return new KeepAlive(true, idle, interval, probes);
        }

        void check() {
            checkSeconds("options.keepAlive.idle", idle);
            checkSeconds("options.keepAlive.interval", interval);
            Check.range("options.keepAlive.probes", probes, 0, 127);
            if (!on && !equals(OFF)) {
                throw new IllegalArgumentException(
                        "options.keepAlive: off, and yet given times; use KeepAlive.of, or KeepAlive.OFF");
            }
        }

        private static void checkSeconds(String field, Duration time) {
            if (time.getNano() != 0 || time.isNegative() || time.getSeconds() > 32_767) {
                throw new IllegalArgumentException(
                        field + ": " + time + " is not a whole number of seconds within PT0S to PT32767S");
            }
        }
    }

    /** Checks that nothing is missing. */
    public TcpOptions {
        Check.present("options.keepAlive", keepAlive);
    }

    /** {@code TCP_NODELAY}, and all else as the machine is set to. */
    public static TcpOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another {@link #noDelay}. */
    public TcpOptions withNoDelay(boolean on) {
        return new TcpOptions(on, keepAlive, receiveBuffer, sendBuffer, trafficClass, resetOnClose);
    }

    /** The same with another {@link #keepAlive}. */
    public TcpOptions withKeepAlive(KeepAlive newKeepAlive) {
        return new TcpOptions(noDelay, newKeepAlive, receiveBuffer, sendBuffer, trafficClass, resetOnClose);
    }

    /** The same with another {@link #receiveBuffer}. */
    public TcpOptions withReceiveBuffer(int bytes) {
        return new TcpOptions(noDelay, keepAlive, bytes, sendBuffer, trafficClass, resetOnClose);
    }

    /** The same with another {@link #sendBuffer}. */
    public TcpOptions withSendBuffer(int bytes) {
        return new TcpOptions(noDelay, keepAlive, receiveBuffer, bytes, trafficClass, resetOnClose);
    }

    /** The same with another {@link #trafficClass}. */
    public TcpOptions withTrafficClass(int value) {
        return new TcpOptions(noDelay, keepAlive, receiveBuffer, sendBuffer, value, resetOnClose);
    }

    /** The same with another {@link #resetOnClose}. */
    public TcpOptions withResetOnClose(boolean reset) {
        return new TcpOptions(noDelay, keepAlive, receiveBuffer, sendBuffer, trafficClass, reset);
    }

    void check() {
        keepAlive.check();
        Check.range("options.receiveBuffer", receiveBuffer, 0, LARGEST_BUFFER);
        Check.range("options.sendBuffer", sendBuffer, 0, LARGEST_BUFFER);
        Check.range("options.trafficClass", trafficClass, 0, 255);
    }

    // ---- as the channels of one provider know them

    /** What to set on a listening socket, so that those which it accepts have it. */
    List<OptionValue<?>> ofListener(Set<SocketOption<?>> supported) {
        List<OptionValue<?>> values = new ArrayList<>();
        add(values, receiveBuffer != 0, StandardSocketOptions.SO_RCVBUF, receiveBuffer, supported);
        return List.copyOf(values);
    }

    /** What to set on accepted sockets of the provider. */
    List<OptionValue<?>> ofAccepted(SelectorProvider provider, boolean tcp) throws IOException {
        return withReceiveBuffer(0).ofConnecting(provider, tcp); // that they have from the listening socket
    }

    /** What to set on sockets of the provider before they connect. */
    List<OptionValue<?>> ofConnecting(SelectorProvider provider, boolean tcp) throws IOException {
        if (equals(DEFAULTS)) { // the rule: no descriptor is taken to look for what every TCP socket has
            return tcp ? List.of(new OptionValue<>(StandardSocketOptions.TCP_NODELAY, true)) : List.of();
        }
        NetworkChannel sample =
                tcp ? provider.openSocketChannel() : provider.openSocketChannel(StandardProtocolFamily.UNIX);
        try {
            return values(sample.supportedOptions(), tcp);
        } finally {
            SocketIo.close(sample);
        }
    }

    List<OptionValue<?>> values(Set<SocketOption<?>> supported, boolean tcp) {
        List<OptionValue<?>> values = new ArrayList<>();
        add(values, receiveBuffer != 0, StandardSocketOptions.SO_RCVBUF, receiveBuffer, supported);
        add(values, sendBuffer != 0, StandardSocketOptions.SO_SNDBUF, sendBuffer, supported);
        if (tcp) {
            add(values, noDelay, StandardSocketOptions.TCP_NODELAY, true, supported);
            add(values, trafficClass != 0, StandardSocketOptions.IP_TOS, trafficClass, supported);
            add(values, resetOnClose, StandardSocketOptions.SO_LINGER, 0, supported);
            addKeepAlive(values, supported);
        }
        return List.copyOf(values);
    }

    private void addKeepAlive(List<OptionValue<?>> values, Set<SocketOption<?>> supported) {
        add(values, keepAlive.on, StandardSocketOptions.SO_KEEPALIVE, true, supported);
        addNamed(values, "TCP_KEEPIDLE", (int) keepAlive.idle.getSeconds(), supported);
        addNamed(values, "TCP_KEEPINTERVAL", (int) keepAlive.interval.getSeconds(), supported);
        addNamed(values, "TCP_KEEPCOUNT", keepAlive.probes, supported);
    }

    private static <T> void add(
            List<OptionValue<?>> values, boolean wanted, SocketOption<T> option, T value, Set<?> supported) {
        if (wanted && !supported.contains(option)) {
            throw unsupported(option.name());
        }
        if (wanted) {
            values.add(new OptionValue<>(option, value));
        }
    }

    // They are the JDK's own, in a module that not every runtime image has, so they are looked for by their names.
    private static void addNamed(List<OptionValue<?>> values, String name, int value, Set<SocketOption<?>> supported) {
        if (value == 0) {
            return;
        }
        for (SocketOption<?> option : supported) {
            if (option.name().equals(name) && option.type() == Integer.class) {
                @SuppressWarnings("unchecked")
                SocketOption<Integer> number = (SocketOption<Integer>) option;
                values.add(new OptionValue<>(number, value));
                return;
            }
        }
        throw unsupported(name);
    }

    private static IllegalArgumentException unsupported(String name) {
        return new IllegalArgumentException(
                "options: " + name + " is not supported by this system's sockets; leave it at its default");
    }
}
