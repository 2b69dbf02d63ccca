// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Registering, interest, cancelling. */
final class KeyCases implements ConformanceTest.Cases {
    private static final int READ = SelectionKey.OP_READ;
    private static final int WRITE = SelectionKey.OP_WRITE;

    @Override
    public void addTo(ConformanceTest.Adder to) {
        registering(to);
        interest(to);
        cancelling(to);
    }

    private static void registering(ConformanceTest.Adder to) {
        to.add("a key knows what it was made from", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, READ, "attached");
            lab.note("channel", key.channel() == s);
            lab.note("selector", key.selector() == selector);
            lab.note("attachment", key.attachment());
            lab.note("interest", key.interestOps());
            lab.note("ready", key.readyOps());
            lab.note("valid", key.isValid());
            lab.note("registered", s.isRegistered());
            lab.note("keyFor", s.keyFor(selector) == key);
            lab.note("keys", selector.keys().contains(key));
        });
        to.add("registering again changes the key", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, READ, "one");
            lab.note("same", s.register(selector, WRITE, "two") == key);
            lab.note("interest", key.interestOps());
            lab.note("attachment", key.attachment());
            lab.note("keys", selector.keys().size());
        });
        to.add("a channel in blocking mode can't be registered", lab -> {
            SocketChannel s = lab.pair().server();
            s.configureBlocking(true);
            lab.attempt("register", () -> s.register(lab.selector(), READ));
        });
        to.add("a registered channel can't be made blocking", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, READ);
            lab.attempt("while registered", () -> s.configureBlocking(true));
            key.cancel();
            lab.note("registered", s.isRegistered());
            lab.attempt("while cancelled", () -> s.configureBlocking(true));
            selector.selectNow();
            lab.note("registered", s.isRegistered());
            lab.attempt("afterwards", () -> s.configureBlocking(true));
            lab.note("blocking", s.isBlocking());
        });
        to.add("operations that the channel doesn't have", lab -> {
            SocketChannel s = lab.pair().server();
            ServerSocketChannel listener = lab.listen();
            Selector selector = lab.selector();
            lab.attempt("accept on a connection", () -> s.register(selector, SelectionKey.OP_ACCEPT));
            lab.attempt("read on a listener", () -> listener.register(selector, READ));
            lab.note("registered", s.isRegistered() || listener.isRegistered());
        });
        to.add("no selector", lab -> {
            SocketChannel s = lab.pair().server();
            lab.attempt("register", () -> s.register(null, READ));
            lab.note("keyFor", s.keyFor(null));
        });
        to.add("a channel with two selectors", lab -> {
            SocketChannel s = lab.pair().server();
            Selector one = lab.selector();
            Selector other = lab.selector();
            s.register(one, WRITE);
            s.register(other, WRITE);
            lab.attempt("one", one::selectNow);
            lab.attempt("other", other::selectNow);
            s.keyFor(one).cancel();
            lab.attempt("one", one::selectNow);
            lab.note("registered", s.isRegistered());
            other.selectedKeys().clear();
            lab.attempt("other", other::selectNow);
        });
        to.add("an unconnected channel is reported ready", lab -> {
            SocketChannel c = lab.socket();
            Selector selector = lab.selector();
            SelectionKey key = c.register(selector, READ);
            lab.attempt("select", selector::selectNow);
            lab.note("ready", key.readyOps());
        });
        to.add("moving from one selector to another", lab -> {
            Lab.Pair pair = lab.pair();
            Selector from = lab.selector();
            Selector into = lab.selector();
            pair.server().register(from, READ).cancel();
            from.selectNow();
            pair.server().register(into, READ);
            lab.write("write", pair.client(), "x");
            lab.attempt("new", () -> into.select(1000));
            lab.attempt("old", from::selectNow);
        });
    }

    private static void interest(ConformanceTest.Adder to) {
        to.add("interest in nothing", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, 0);
            lab.attempt("select", selector::selectNow);
            key.interestOps(WRITE);
            lab.attempt("then", selector::selectNow);
            lab.note("ready", key.readyOps());
            key.interestOps(0);
            selector.selectedKeys().clear();
            lab.attempt("again nothing", selector::selectNow);
        });
        to.add("interest that the channel doesn't have", lab -> {
            SelectionKey key = lab.pair().server().register(lab.selector(), READ);
            lab.attempt("accept", () -> key.interestOps(SelectionKey.OP_ACCEPT));
            lab.attempt("nonsense", () -> key.interestOps(64));
            lab.note("interest", key.interestOps());
        });
        to.add("interest in steps", lab -> {
            SelectionKey key = lab.pair().server().register(lab.selector(), READ);
            lab.attempt("or", () -> key.interestOpsOr(WRITE));
            lab.note("interest", key.interestOps());
            lab.attempt("and", () -> key.interestOpsAnd(WRITE));
            lab.note("interest", key.interestOps());
        });
        to.add("interest of a listener", lab -> {
            SelectionKey key = lab.listen().register(lab.selector(), SelectionKey.OP_ACCEPT);
            lab.attempt("none", () -> key.interestOps(0));
            lab.attempt("read", () -> key.interestOps(READ));
            lab.note("interest", key.interestOps());
        });
        to.add("interest taken back while the peer writes", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ);
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), READ);
            key.interestOps(0);
            lab.attempt("paused", selector::selectNow);
            key.interestOps(READ);
            lab.attempt("resumed", selector::selectNow);
        });
        to.add("without interest the peer's end is not told", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, 0);
            pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);
            pair.client().close();
            lab.await(pair.server(), READ);
            lab.attempt("select", selector::selectNow);
            key.interestOps(READ);
            lab.attempt("then", selector::selectNow);
        });
        to.add("registering after it was ready", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), READ);
            Selector selector = lab.selector();
            pair.server().register(selector, READ);
            lab.attempt("select", selector::selectNow);
        });
    }

    private static void cancelling(ConformanceTest.Adder to) {
        to.add("a cancelled key", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, WRITE, "attached");
            key.cancel();
            key.cancel();
            lab.note("valid", key.isValid());
            lab.attempt("interestOps", key::interestOps);
            lab.attempt("set interestOps", () -> key.interestOps(READ));
            lab.attempt("readyOps", key::readyOps);
            lab.attempt("isReadable", key::isReadable);
            lab.note("attachment", key.attachment());
            lab.note("channel", key.channel() == s);
            lab.note("selector", key.selector() == selector);
            lab.note("keys", selector.keys().size());
            lab.note("keyFor", s.keyFor(selector) == key);
        });
        to.add("registering a cancelled key before the select", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            s.register(selector, WRITE).cancel();
            lab.attempt("register", () -> s.register(selector, READ));
        });
        to.add("registering anew after the select", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, WRITE);
            key.cancel();
            lab.attempt("select", selector::selectNow);
            lab.note("keyFor", s.keyFor(selector));
            lab.note("keys", selector.keys().size());
            lab.note("another", s.register(selector, WRITE) != key);
            lab.attempt("select", selector::selectNow);
        });
        to.add("a cancelled key is not selected", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, WRITE);
            selector.selectNow(k -> {});
            key.cancel();
            int[] calls = {0};
            lab.attempt("select", () -> selector.selectNow(k -> calls[0]++));
            lab.note("calls", calls[0]);
        });
        to.add("closing the channel cancels its keys", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, WRITE);
            s.close();
            lab.note("valid", key.isValid());
            lab.note("registered", s.isRegistered());
            lab.attempt("select", selector::selectNow);
            lab.note("registered", s.isRegistered());
        });
        to.add("closing a listener cancels its key", lab -> {
            ServerSocketChannel listener = lab.listen();
            Selector selector = lab.selector();
            SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
            listener.close();
            lab.note("valid", key.isValid());
            lab.attempt("interest", () -> key.interestOps(0));
            lab.attempt("select", selector::selectNow);
            lab.note("keys", selector.keys().size());
        });
    }
}
