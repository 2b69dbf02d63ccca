// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/** Socket options, and what a channel is in general. */
final class OptionCases implements ConformanceTest.Cases {
    @Override
    public void addTo(ConformanceTest.Adder to) {
        to.add("options of a new connection", lab -> {
            SocketChannel c = lab.socket();
            for (SocketOption<?> option : new SocketOption<?>[] {
                StandardSocketOptions.TCP_NODELAY,
                StandardSocketOptions.SO_KEEPALIVE,
                StandardSocketOptions.SO_REUSEADDR,
                StandardSocketOptions.SO_REUSEPORT,
                StandardSocketOptions.SO_LINGER,
                StandardSocketOptions.IP_TOS
            }) {
                lab.attempt(option.name(), () -> c.getOption(option));
            }
        });
        to.add("options of a new listener", lab -> {
            ServerSocketChannel s = lab.serverSocket();
            lab.attempt("address", () -> s.getOption(StandardSocketOptions.SO_REUSEADDR));
            lab.attempt("port", () -> s.getOption(StandardSocketOptions.SO_REUSEPORT));
        });
        to.add("which options there are", lab -> {
            Set<SocketOption<?>> connection = lab.socket().supportedOptions();
            for (SocketOption<?> option : new SocketOption<?>[] {
                StandardSocketOptions.TCP_NODELAY, StandardSocketOptions.SO_LINGER,
                StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_SNDBUF,
                StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT,
                StandardSocketOptions.SO_KEEPALIVE, StandardSocketOptions.SO_BROADCAST
            }) {
                lab.note(option.name(), connection.contains(option));
                lab.note(
                        option.name() + " of a listener",
                        lab.serverSocket().supportedOptions().contains(option));
            }
        });
        setting(to, "no delay", StandardSocketOptions.TCP_NODELAY, true);
        setting(to, "keep alive", StandardSocketOptions.SO_KEEPALIVE, true);
        setting(to, "reuse address", StandardSocketOptions.SO_REUSEADDR, true);
        setting(to, "reuse port", StandardSocketOptions.SO_REUSEPORT, true);
        setting(to, "linger", StandardSocketOptions.SO_LINGER, 0, 1, 100, -1, -5, 70_000);
        setting(to, "send buffer", StandardSocketOptions.SO_SNDBUF, 8192, 65_536, 0, -1);
        setting(to, "receive buffer", StandardSocketOptions.SO_RCVBUF, 8192, 65_536, 0, -1);
        to.add("setting an option of a listener", lab -> {
            ServerSocketChannel s = lab.serverSocket();
            lab.attempt("set", () -> s.setOption(StandardSocketOptions.SO_REUSEADDR, false));
            lab.attempt("get", () -> s.getOption(StandardSocketOptions.SO_REUSEADDR));
            lab.attempt("set", () -> s.setOption(StandardSocketOptions.SO_RCVBUF, 8192));
            lab.attempt("get", () -> s.getOption(StandardSocketOptions.SO_RCVBUF));
        });
        to.add("the receive buffer of a listener goes to what it accepts", lab -> {
            ServerSocketChannel s = lab.serverSocket();
            s.setOption(StandardSocketOptions.SO_RCVBUF, 8192);
            s.bind(Lab.any("127.0.0.1"));
            lab.note("first", lab.pair(s).server().getOption(StandardSocketOptions.SO_RCVBUF));
            s.setOption(StandardSocketOptions.SO_RCVBUF, 16_384);
            lab.note("later", lab.pair(s).server().getOption(StandardSocketOptions.SO_RCVBUF));
        });
        for (String name : new String[] {"TCP_KEEPIDLE", "TCP_KEEPINTERVAL", "TCP_KEEPCOUNT"}) {
            to.add("the JDK's own option " + name, lab -> {
                SocketChannel c = lab.socket();
                SocketOption<Integer> option = number(c, name);
                lab.note("type", option.type());
                c.setOption(option, 7);
                lab.note("set", c.getOption(option));
            });
        }
        to.add("options that there are not", lab -> {
            SocketChannel c = lab.socket();
            ServerSocketChannel s = lab.serverSocket();
            lab.attempt("set", () -> c.setOption(StandardSocketOptions.SO_BROADCAST, true));
            lab.attempt("get", () -> c.getOption(StandardSocketOptions.SO_BROADCAST));
            lab.attempt("listener", () -> s.setOption(StandardSocketOptions.TCP_NODELAY, true));
        });
        to.add("options that are nothing", lab -> {
            SocketChannel c = lab.socket();
            lab.attempt("set", () -> c.setOption(null, null));
            lab.attempt("get", () -> c.getOption(null));
            lab.attempt("null", () -> c.setOption(StandardSocketOptions.TCP_NODELAY, null));
        });
        to.add("blocking mode", lab -> {
            for (SelectableChannel c : new SelectableChannel[] {lab.socket(), lab.serverSocket()}) {
                lab.note("blocking", c.isBlocking());
                lab.attempt("set", () -> c.configureBlocking(true));
                lab.note("blocking", c.isBlocking());
                lab.note("provider", c.provider() == lab.provider);
                lab.note("registered", c.isRegistered());
            }
        });
        to.add("closing twice", lab -> {
            SocketChannel c = lab.socket();
            c.close();
            c.close();
            lab.note("open", c.isOpen());
        });
        to.add("a channel that was never used is closed", lab -> {
            ServerSocketChannel s = lab.serverSocket();
            s.close();
            lab.note("open", s.isOpen());
            lab.note("socket", lab.socket().isOpen());
        });
    }

    @SuppressWarnings("unchecked")
    private static SocketOption<Integer> number(SocketChannel channel, String name) {
        return (SocketOption<Integer>) channel.supportedOptions().stream()
                .filter(option -> option.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @SafeVarargs
    private static <T> void setting(ConformanceTest.Adder to, String name, SocketOption<T> option, T... values) {
        to.add("setting " + name, lab -> {
            SocketChannel fresh = lab.socket();
            SocketChannel connected = lab.pair().server();
            for (T value : values) {
                lab.attempt("set " + value, () -> fresh.setOption(option, value));
                lab.attempt("get", () -> fresh.getOption(option));
            }
            lab.attempt("set when connected", () -> connected.setOption(option, values[0]));
            lab.attempt("get when connected", () -> connected.getOption(option));
        });
    }
}
