// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Binding, listening, accepting. */
final class ListenCases implements ConformanceTest.Cases {
    @Override
    public void addTo(ConformanceTest.Adder to) {
        states(to);
        ports(to);
        closing(to);
    }

    private static void states(ConformanceTest.Adder to) {
        to.add("a new server channel", lab -> {
            ServerSocketChannel s = lab.provider.openServerSocketChannel();
            lab.note("open", s.isOpen());
            lab.note("blocking", s.isBlocking());
            lab.note("validOps", s.validOps());
            lab.note("local", s.getLocalAddress());
            s.close();
        });
        to.add("accepting unbound", lab -> lab.attempt("accept", lab.serverSocket()::accept));
        to.add("accepting when nobody is there", lab -> lab.attempt("accept", lab.listen()::accept));
        to.add("what is accepted is connected and blocks", lab -> {
            ServerSocketChannel listener = lab.listen();
            lab.socket().connect(listener.getLocalAddress());
            lab.await(listener, SelectionKey.OP_ACCEPT);
            try (SocketChannel s = listener.accept()) {
                lab.note("connected", s.isConnected());
                lab.note("blocking", s.isBlocking());
                lab.note("then", listener.accept());
            }
        });
        to.add("connections are accepted in their order", lab -> {
            ServerSocketChannel listener = lab.listen();
            for (int i = 0; i < 5; i++) {
                SocketChannel c = lab.socket();
                c.connect(listener.getLocalAddress());
                lab.await(c, SelectionKey.OP_CONNECT);
                c.finishConnect();
                lab.write("write", c, "client " + i);
            }
            for (int i = 0; i < 5; i++) {
                lab.read("read", lab.accept(listener));
            }
        });
        to.add("a listener is ready as long as somebody waits", lab -> {
            ServerSocketChannel listener = lab.listen();
            Selector selector = lab.selector();
            SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
            lab.attempt("nobody", selector::selectNow);
            lab.socket().connect(listener.getLocalAddress());
            lab.attempt("one", () -> selector.select(1000));
            lab.note("ready", key.readyOps());
            selector.selectedKeys().clear();
            lab.attempt("still", selector::selectNow);
            listener.accept().close();
            selector.selectedKeys().clear();
            lab.attempt("nobody again", selector::selectNow);
        });
        to.add("two selectors both hear of a waiting connection", lab -> {
            ServerSocketChannel listener = lab.listen();
            Selector one = lab.selector();
            Selector other = lab.selector();
            listener.register(one, SelectionKey.OP_ACCEPT);
            listener.register(other, SelectionKey.OP_ACCEPT);
            lab.socket().connect(listener.getLocalAddress());
            lab.attempt("one", () -> one.select(1000));
            lab.attempt("other", () -> other.select(1000));
            lab.note("first", listener.accept() != null);
            lab.note("second", listener.accept() != null);
        });
        to.add("an unbound listener is reported ready", lab -> {
            ServerSocketChannel s = lab.serverSocket();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, SelectionKey.OP_ACCEPT);
            lab.attempt("select", selector::selectNow);
            lab.note("ready", key.readyOps());
        });
        to.add("the client is gone before it is accepted", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            lab.await(c, SelectionKey.OP_CONNECT);
            c.finishConnect();
            lab.write("write", c, "bye");
            c.close();
            SocketChannel s = lab.accept(listener);
            lab.note("remote", s.getRemoteAddress() != null);
            lab.read("read", s);
            lab.read("end", s);
        });
        to.add("the client has reset before it is accepted", lab -> {
            ServerSocketChannel listener = lab.listen();
            SocketChannel c = lab.socket();
            c.connect(listener.getLocalAddress());
            lab.await(c, SelectionKey.OP_CONNECT);
            c.finishConnect();
            c.setOption(StandardSocketOptions.SO_LINGER, 0);
            c.close();
            SocketChannel s = lab.accept(listener);
            lab.note("remote", s.getRemoteAddress() != null);
            lab.attempt("option", () -> s.setOption(StandardSocketOptions.TCP_NODELAY, true));
            lab.read("read", s);
        });
    }

    private static void ports(ConformanceTest.Adder to) {
        to.add("binding twice", lab -> {
            ServerSocketChannel s = lab.listen();
            lab.attempt("again", () -> s.bind(Lab.any("127.0.0.1")));
        });
        to.add("a port that is taken", lab -> {
            ServerSocketChannel s = lab.listen();
            ServerSocketChannel other = lab.serverSocket();
            lab.attempt("bind", () -> other.bind(s.getLocalAddress()));
            lab.note("open", other.isOpen());
            lab.note("local", other.getLocalAddress());
        });
        to.add("the same port on another address", lab -> {
            ServerSocketChannel s = lab.listen();
            lab.attempt("bind", () -> lab.serverSocket().bind(new InetSocketAddress("127.0.0.9", Lab.port(s))));
        });
        to.add("the wildcard address takes the port of all", lab -> {
            ServerSocketChannel s = lab.listen();
            lab.attempt("bind", () -> lab.serverSocket().bind(new InetSocketAddress(Lab.port(s))));
        });
        to.add("the same port on an address after the wildcard", lab -> {
            ServerSocketChannel s = lab.serverSocket().bind(new InetSocketAddress(0));
            lab.attempt("bind", () -> lab.serverSocket().bind(new InetSocketAddress("127.0.0.1", Lab.port(s))));
        });
        to.add("unusable addresses", lab -> {
            lab.attempt("unresolved", () -> lab.serverSocket()
                    .bind(InetSocketAddress.createUnresolved("nowhere.invalid", 1)));
            ServerSocketChannel any = lab.serverSocket();
            lab.attempt("null", () -> any.bind(null));
            lab.note("port", Lab.port(any) > 0);
            lab.note(
                    "any",
                    ((InetSocketAddress) any.getLocalAddress()).getAddress().isAnyLocalAddress());
        });
        to.add("a port is free once its listener is closed", lab -> {
            ServerSocketChannel s = lab.listen();
            var address = s.getLocalAddress();
            s.close();
            lab.attempt("bind", () -> lab.serverSocket().bind(address));
        });
        to.add("a port is free though a connection from it lives on", lab -> {
            ServerSocketChannel s = lab.listen();
            Lab.Pair pair = lab.pair(s);
            var address = s.getLocalAddress();
            s.close();
            ServerSocketChannel next = lab.serverSocket();
            lab.attempt("bind", () -> next.bind(address));
            lab.write("old connection", pair.client(), "x");
            lab.read("read", pair.server());
            lab.note("new connection", lab.pair(next).server().isConnected());
        });
        to.add("sharing a port needs the option on both", lab -> {
            ServerSocketChannel shared = lab.serverSocket();
            shared.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            shared.bind(Lab.any("127.0.0.1"));
            lab.attempt("without", () -> lab.serverSocket().bind(shared.getLocalAddress()));
            lab.attempt("with", () -> lab.serverSocket()
                    .setOption(StandardSocketOptions.SO_REUSEPORT, true)
                    .bind(shared.getLocalAddress()));
        });
        to.add("connections to a shared port go to one of its listeners each", lab -> {
            ServerSocketChannel one = lab.serverSocket();
            one.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(Lab.any("127.0.0.1"));
            ServerSocketChannel other = lab.serverSocket();
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(one.getLocalAddress());
            for (int i = 0; i < 64; i++) {
                SocketChannel c = lab.socket();
                c.connect(one.getLocalAddress());
                lab.await(c, SelectionKey.OP_CONNECT);
                c.finishConnect();
            }
            int first = acceptAll(one);
            int second = acceptAll(other);
            lab.note("all", first + second);
            lab.note("both", first > 0 && second > 0);
        });
    }

    private static int acceptAll(ServerSocketChannel listener) throws java.io.IOException {
        int n = 0;
        for (SocketChannel s = listener.accept(); s != null; s = listener.accept()) {
            s.close();
            n++;
        }
        return n;
    }

    private static void closing(ConformanceTest.Adder to) {
        to.add("a closed listener", lab -> {
            ServerSocketChannel s = lab.listen();
            s.close();
            lab.attempt("accept", s::accept);
            lab.attempt("bind", () -> s.bind(null));
            lab.attempt("local", s::getLocalAddress);
            lab.attempt("option", () -> s.getOption(StandardSocketOptions.SO_REUSEADDR));
            lab.attempt("blocking", () -> s.configureBlocking(true));
            lab.note("open", s.isOpen());
        });
        to.add("a closed listener keeps its port until its selector has selected", lab -> {
            ServerSocketChannel s = lab.listen();
            var address = s.getLocalAddress();
            Selector selector = lab.selector();
            s.register(selector, SelectionKey.OP_ACCEPT);
            selector.selectNow();
            s.close();
            lab.attempt("before", () -> lab.serverSocket().bind(address));
            selector.selectNow();
            lab.attempt("after", () -> lab.serverSocket().bind(address));
        });
        to.add("a closed listener takes connections until its selector has selected", lab -> {
            ServerSocketChannel s = lab.listen();
            var address = s.getLocalAddress();
            Selector selector = lab.selector();
            s.register(selector, SelectionKey.OP_ACCEPT);
            selector.selectNow();
            s.close();
            SocketChannel c = lab.socket();
            c.connect(address);
            lab.await(c, SelectionKey.OP_CONNECT);
            lab.attempt("finish", c::finishConnect);
            selector.selectNow();
            lab.read("read", c);
        });
        to.add("closing one of two listeners on a port leaves the other", lab -> {
            ServerSocketChannel one = lab.serverSocket();
            one.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(Lab.any("127.0.0.1"));
            ServerSocketChannel other = lab.serverSocket();
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(one.getLocalAddress());
            one.close();
            for (int i = 0; i < 10; i++) {
                lab.note("connected", lab.pair(other).server().isConnected());
            }
        });
    }
}
