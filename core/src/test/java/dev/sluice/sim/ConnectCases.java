// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Connecting: states, refusals, addresses. */
final class ConnectCases implements ConformanceTest.Cases {
    @Override
    public void addTo(ConformanceTest.Adder to) {
        states(to);
        failures(to);
        addresses(to);
    }

    private static void states(ConformanceTest.Adder to) {
        to.add("a new channel is open and nothing else", lab -> {
            SocketChannel c = lab.provider.openSocketChannel();
            lab.note("open", c.isOpen());
            lab.note("connected", c.isConnected());
            lab.note("pending", c.isConnectionPending());
            lab.note("blocking", c.isBlocking());
            lab.note("validOps", c.validOps());
            lab.note("local", c.getLocalAddress());
            lab.note("remote", c.getRemoteAddress());
            c.close();
        });
        to.add("a connect is under way until it is finished", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            lab.attempt("connect", () -> c.connect(listener.getLocalAddress()));
            lab.note("pending", c.isConnectionPending());
            lab.note("connected", c.isConnected());
            lab.await(c, SelectionKey.OP_CONNECT);
            lab.attempt("finish", c::finishConnect);
            lab.note("pending", c.isConnectionPending());
            lab.note("connected", c.isConnected());
            lab.attempt("finish again", c::finishConnect);
        });
        to.add("connecting twice", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            lab.attempt("while pending", () -> c.connect(listener.getLocalAddress()));
            lab.finish(listener, c);
            lab.attempt("when connected", () -> c.connect(listener.getLocalAddress()));
        });
        to.add("finishing what was not begun", lab -> lab.attempt("finish", lab.socket()::finishConnect));
        to.add("reading and writing before the connect", lab -> {
            SocketChannel c = lab.socket();
            lab.readNow("read", c);
            lab.write("write", c, "x");
            lab.attempt("shutdownInput", c::shutdownInput);
            lab.attempt("shutdownOutput", c::shutdownOutput);
        });
        to.add("reading and writing while the connect is under way", lab -> {
            SocketChannel c = lab.socket();
            c.connect(lab.listen().getLocalAddress());
            lab.readNow("read", c);
            lab.write("write", c, "x");
            lab.attempt("shutdownOutput", c::shutdownOutput);
            lab.attempt("bind", () -> c.bind(null));
        });
        to.add("writing at once after the connect, before it is accepted", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            lab.await(c, SelectionKey.OP_CONNECT);
            c.finishConnect();
            lab.write("write", c, "early");
            lab.read("read", lab.accept(listener));
        });
        to.add("a key tells when the connect is done", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            Selector selector = lab.selector();
            SelectionKey key = c.register(selector, SelectionKey.OP_CONNECT);
            lab.attempt("select", () -> selector.select(1000));
            lab.note("ready", key.readyOps());
            lab.attempt("finish", c::finishConnect);
            key.interestOps(SelectionKey.OP_WRITE);
            selector.selectedKeys().clear();
            lab.attempt("select", selector::selectNow);
            lab.note("ready", key.readyOps());
        });
        to.add("interest in connect and write at once", lab -> {
            SocketChannel c = lab.socket();
            c.connect(lab.listen().getLocalAddress());
            Selector selector = lab.selector();
            SelectionKey key = c.register(selector, SelectionKey.OP_CONNECT | SelectionKey.OP_WRITE);
            selector.select(1000);
            lab.note("pending", key.readyOps());
            c.finishConnect();
            selector.selectedKeys().clear();
            selector.selectNow();
            lab.note("connected", key.readyOps());
        });
        to.add("closing while the connect is under way", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            c.close();
            lab.note("pending", c.isConnectionPending());
            lab.attempt("finish", c::finishConnect);
            lab.attempt("connect", () -> c.connect(listener.getLocalAddress()));
        });
    }

    private static void failures(ConformanceTest.Adder to) {
        to.add("nobody listens", lab -> {
            SocketChannel c = lab.socket();
            SocketAddress nobody = lab.nobody();
            lab.attempt("connect", () -> c.connect(nobody));
            lab.await(c, SelectionKey.OP_CONNECT);
            lab.attempt("finish", c::finishConnect);
            lab.note("open", c.isOpen());
            lab.attempt("finish again", c::finishConnect);
        });
        to.add("a key tells of a refused connect", lab -> {
            SocketChannel c = lab.socket();
            c.connect(lab.nobody());
            Selector selector = lab.selector();
            SelectionKey key = c.register(selector, SelectionKey.OP_CONNECT);
            lab.attempt("select", () -> selector.select(1000));
            lab.note("ready", key.readyOps());
            lab.attempt("finish", c::finishConnect);
            lab.note("valid", key.isValid());
            lab.attempt("select", selector::selectNow);
            lab.note("keys", selector.keys().size());
        });
        to.add("unusable addresses", lab -> {
            SocketChannel c = lab.socket();
            lab.attempt("unresolved", () -> c.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 1)));
            lab.attempt("null", () -> c.connect(null));
            lab.attempt(
                    "other",
                    () -> c.connect(new SocketAddress() {
                        private static final long serialVersionUID = 1L;
                    }));
            lab.note("open", c.isOpen());
        });
        to.add("the backlog is full", lab -> {
            ServerSocketChannel listener = lab.listen(1);
            for (int i = 0; i < 4; i++) {
                SocketChannel c = lab.socket();
                c.connect(listener.getLocalAddress());
                lab.note("ready", lab.isReady(c, SelectionKey.OP_CONNECT));
                lab.attempt("finish", c::finishConnect);
            }
        });
        to.add("a full backlog takes more once somebody accepts", lab -> {
            ServerSocketChannel listener = lab.listen(1);
            SocketChannel first = lab.socket();
            first.connect(listener.getLocalAddress());
            SocketChannel second = lab.socket();
            second.connect(listener.getLocalAddress());
            lab.await(second, SelectionKey.OP_CONNECT);
            SocketChannel third = lab.socket();
            third.connect(listener.getLocalAddress());
            lab.note("third", lab.isReady(third, SelectionKey.OP_CONNECT));
            lab.accept(listener);
            lab.accept(listener);
            lab.await(third, SelectionKey.OP_CONNECT); // at the next attempt, a second later
            lab.attempt("finish", third::finishConnect);
            lab.note("accepted", lab.accept(listener).isConnected());
        });
        to.add("the listener closes before it accepts", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            lab.await(c, SelectionKey.OP_CONNECT);
            c.finishConnect();
            listener.close();
            lab.read("read", c);
            lab.write("write", c, "x");
        });
    }

    private static void addresses(ConformanceTest.Adder to) {
        to.add("the two ends name each other", lab -> {
            Lab.Pair pair = lab.pair();
            lab.note(
                    "there",
                    pair.client().getRemoteAddress().equals(pair.server().getLocalAddress()));
            lab.note(
                    "back", pair.client().getLocalAddress().equals(pair.server().getRemoteAddress()));
            lab.note("host", ((InetSocketAddress) pair.client().getLocalAddress()).getHostString());
        });
        to.add("local address while the connect is under way", lab -> {
            SocketChannel c = lab.socket();
            ServerSocketChannel listener = lab.listen();
            c.connect(listener.getLocalAddress());
            lab.note("local", c.getLocalAddress());
            lab.note("remote", listener.getLocalAddress().equals(c.getRemoteAddress()));
        });
        for (String source : new String[] {"127.0.0.2", "127.5.6.7", "127.255.255.254"}) {
            to.add("from source address " + source, lab -> {
                ServerSocketChannel listener = lab.listen();
                SocketChannel c = lab.socket();
                c.bind(Lab.any(source));
                Lab.Pair pair = lab.pair(listener, c);
                lab.note("seen", ((InetSocketAddress) pair.server().getRemoteAddress()).getHostString());
                lab.note("own", c.getLocalAddress().equals(pair.server().getRemoteAddress()));
            });
        }
        to.add("to another loopback address from the usual one", lab -> {
            ServerSocketChannel listener = lab.serverSocket().bind(Lab.any("127.0.0.3"));
            Lab.Pair pair = lab.pair(listener);
            lab.note("from", ((InetSocketAddress) pair.server().getRemoteAddress()).getHostString());
            lab.note("to", ((InetSocketAddress) pair.server().getLocalAddress()).getHostString());
        });
        to.add("binding a client's channel", lab -> {
            SocketChannel c = lab.socket();
            lab.attempt("bind", () -> c.bind(Lab.any("127.0.0.1")));
            lab.note("port", ((InetSocketAddress) c.getLocalAddress()).getPort() > 0);
            lab.attempt("bind again", () -> c.bind(Lab.any("127.0.0.1")));
        });
        to.add("binding after the connect", lab -> {
            Lab.Pair pair = lab.pair();
            lab.attempt("client", () -> pair.client().bind(null));
            lab.attempt("server", () -> pair.server().bind(null));
        });
        to.add("binding where somebody listens", lab -> {
            ServerSocketChannel listener = lab.listen();
            lab.attempt("bind", () -> lab.socket().bind(listener.getLocalAddress()));
        });
        to.add("a bound port is used by the connect", lab -> {
            SocketChannel c = lab.socket();
            c.bind(Lab.any("127.0.0.1"));
            SocketAddress bound = c.getLocalAddress();
            Lab.Pair pair = lab.pair(lab.listen(), c);
            lab.note("kept", bound.equals(pair.server().getRemoteAddress()));
        });
        to.add("many connects have different ports", lab -> {
            ServerSocketChannel listener = lab.listen();
            java.util.Set<SocketAddress> addresses = new java.util.HashSet<>();
            for (int i = 0; i < 20; i++) {
                addresses.add(lab.pair(listener).client().getLocalAddress());
            }
            lab.note("different", addresses.size());
        });
        to.add("connecting to the wildcard address", lab -> {
            ServerSocketChannel listener = lab.serverSocket().bind(new InetSocketAddress(0));
            SocketChannel c = lab.socket();
            c.connect(new InetSocketAddress(Lab.port(listener)));
            lab.note("connected", lab.finish(listener, c).server().isConnected());
        });
    }
}
