// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Ends of streams, ends of connections, and resets. */
final class ClosingCases implements ConformanceTest.Cases {
    private static final int READ = SelectionKey.OP_READ;
    private static final int WRITE = SelectionKey.OP_WRITE;

    @Override
    public void addTo(ConformanceTest.Adder to) {
        orderly(to);
        halves(to);
        resets(to);
        registered(to);
    }

    private static void reset(SocketChannel channel) throws Exception {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    private static void orderly(ConformanceTest.Adder to) {
        to.add("the peer's close is the end", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.read("read", pair.server());
            lab.readNow("again", pair.server());
        });
        to.add("what was written before the close is read before the end", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "last words");
            pair.client().close();
            lab.read("read", pair.server());
            lab.read("end", pair.server());
        });
        to.add("everything on a closed channel", lab -> {
            SocketChannel c = lab.pair().client();
            c.close();
            lab.readNow("read", c);
            lab.write("write", c, "x");
            lab.attempt("shutdownInput", c::shutdownInput);
            lab.attempt("shutdownOutput", c::shutdownOutput);
            lab.attempt("finishConnect", c::finishConnect);
            lab.attempt("bind", () -> c.bind(null));
            lab.attempt("local", c::getLocalAddress);
            lab.attempt("remote", c::getRemoteAddress);
            lab.attempt("getOption", () -> c.getOption(StandardSocketOptions.TCP_NODELAY));
            lab.attempt("setOption", () -> c.setOption(StandardSocketOptions.TCP_NODELAY, true));
            lab.attempt("configureBlocking", () -> c.configureBlocking(false));
            lab.attempt("register", () -> c.register(lab.selector(), READ));
            lab.note("open", c.isOpen());
            lab.note("connected", c.isConnected());
            c.close();
        });
        to.add("the first write to a closed peer is taken and the next fails", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.await(pair.server(), READ);
            lab.write("first", pair.server(), "x");
            lab.await(pair.server(), READ);
            lab.write("second", pair.server(), "y");
            lab.write("third", pair.server(), "z");
            lab.readNow("read", pair.server());
        });
        to.add("reading goes on after a write to a closed peer has failed", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "unread");
            pair.client().close();
            lab.await(pair.server(), READ);
            lab.write("first", pair.server(), "x");
            lab.write("second", pair.server(), "y");
            lab.readNow("read", pair.server());
            lab.readNow("end", pair.server());
        });
        to.add("both close", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.read("read", pair.server());
            lab.attempt("close", () -> {
                pair.server().close();
                return "done";
            });
        });
        to.add("readiness at the peer's end", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.await(pair.server(), READ);
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ | WRITE);
            selector.selectNow();
            lab.note("ready", key.readyOps());
            key.interestOps(WRITE);
            selector.selectedKeys().clear();
            selector.selectNow();
            lab.note("write only", key.readyOps());
        });
        to.add("a close that lingers is a close", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().setOption(StandardSocketOptions.SO_LINGER, 5);
            lab.write("write", pair.client(), "x");
            pair.client().close();
            lab.read("read", pair.server());
            lab.read("end", pair.server());
        });
    }

    private static void halves(ConformanceTest.Adder to) {
        to.add("half a close: the other direction goes on", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "request");
            pair.client().shutdownOutput();
            lab.read("read", pair.server());
            lab.read("end", pair.server());
            lab.write("answer", pair.server(), "answer");
            lab.read("read", pair.client());
            pair.server().close();
            lab.read("end", pair.client());
        });
        to.add("writing after the output was shut", lab -> {
            SocketChannel c = lab.pair().client();
            lab.attempt("shut", c::shutdownOutput);
            lab.attempt("again", c::shutdownOutput);
            lab.write("write", c, "x");
            lab.write("nothing", c, "");
            lab.note("connected", c.isConnected());
        });
        to.add("reading after the input was shut", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), READ);
            lab.attempt("shut", pair.server()::shutdownInput);
            lab.attempt("again", pair.server()::shutdownInput);
            lab.readNow("read", pair.server());
            lab.write("peer", pair.client(), "y");
            lab.readNow("read", pair.server());
        });
        to.add("readiness after the input was shut", lab -> {
            SocketChannel s = lab.pair().server();
            s.shutdownInput();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, READ);
            selector.selectNow();
            lab.note("ready", key.readyOps());
        });
        to.add("readiness after the output was shut", lab -> {
            SocketChannel s = lab.pair().server();
            s.shutdownOutput();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, READ | WRITE);
            selector.selectNow();
            lab.note("ready", key.readyOps());
        });
        to.add("readiness when both directions have ended", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().shutdownOutput();
            lab.await(pair.server(), READ);
            pair.server().shutdownOutput();
            lab.await(pair.client(), READ);
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, WRITE);
            selector.selectNow();
            lab.note("ready", key.readyOps());
            key.interestOps(0);
            selector.selectedKeys().clear();
            lab.attempt("without interest", selector::selectNow);
        });
        to.add("both directions shut, then closed", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().shutdownOutput();
            pair.client().shutdownInput();
            lab.read("end", pair.server());
            lab.write("write", pair.server(), "ignored");
            pair.server().shutdownOutput();
            lab.readNow("read", pair.client());
        });
        to.add("shutting before the peer has read loses nothing", lab -> {
            Lab.Pair pair = lab.pairWithSmallBuffers();
            long took = lab.fill(pair.client());
            pair.client().shutdownOutput();
            lab.drain(pair.server(), took);
            lab.read("end", pair.server());
        });
    }

    private static void resets(ConformanceTest.Adder to) {
        to.add("a reset after all was read", lab -> {
            Lab.Pair pair = lab.pair();
            reset(pair.client());
            lab.read("read", pair.server());
            lab.readNow("again", pair.server());
            lab.write("write", pair.server(), "x");
        });
        to.add("a reset found by a write", lab -> {
            Lab.Pair pair = lab.pair();
            reset(pair.client());
            lab.await(pair.server(), READ);
            lab.write("write", pair.server(), "x");
            lab.write("again", pair.server(), "x");
            lab.readNow("read", pair.server());
        });
        to.add("what came before a reset", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "before");
            lab.await(pair.server(), READ);
            reset(pair.client());
            lab.readNow("read", pair.server());
            lab.read("then", pair.server());
            lab.readNow("again", pair.server());
        });
        to.add("closing with unread bytes resets the peer", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "unread");
            lab.await(pair.server(), READ);
            pair.server().close();
            lab.read("read", pair.client());
            lab.write("write", pair.client(), "x");
        });
        to.add("closing with unread bytes after answering", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "unread");
            lab.await(pair.server(), READ);
            lab.write("answer", pair.server(), "answer");
            lab.await(pair.client(), READ);
            pair.server().close();
            lab.readNow("read", pair.client());
            lab.read("then", pair.client());
        });
        to.add("a reset after half a close by the peer", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().shutdownOutput();
            lab.await(pair.server(), READ);
            reset(pair.client());
            lab.readNow("read", pair.server());
            lab.write("write", pair.server(), "x");
            lab.write("again", pair.server(), "x");
        });
        to.add("a reset after half a close by us", lab -> {
            Lab.Pair pair = lab.pair();
            pair.server().shutdownOutput();
            lab.await(pair.client(), READ);
            reset(pair.client());
            lab.read("read", pair.server());
            lab.attempt("shut", pair.server()::shutdownOutput);
            lab.attempt("shut input", pair.server()::shutdownInput);
        });
        to.add("bytes to a peer that has closed are answered by a reset", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.await(pair.server(), READ);
            lab.write("write", pair.server(), "x");
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ | WRITE);
            selector.selectNow();
            lab.note("ready", key.readyOps());
            lab.readNow("read", pair.server());
        });
        to.add("readiness after a reset", lab -> {
            Lab.Pair pair = lab.pair();
            reset(pair.client());
            lab.await(pair.server(), READ);
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, WRITE);
            selector.selectNow();
            lab.note("write", key.readyOps());
            key.interestOps(READ | WRITE);
            selector.selectedKeys().clear();
            selector.selectNow();
            lab.note("both", key.readyOps());
            lab.readNow("read", pair.server());
            selector.selectedKeys().clear();
            selector.selectNow();
            lab.note("after the error was read", key.readyOps());
            key.interestOps(0);
            selector.selectedKeys().clear();
            lab.attempt("without interest", selector::selectNow);
        });
        to.add("shutting the output of a connection that was reset", lab -> {
            Lab.Pair pair = lab.pair();
            reset(pair.client());
            lab.await(pair.server(), READ);
            lab.attempt("shut", pair.server()::shutdownOutput);
            lab.readNow("read", pair.server());
        });
        to.add("options of a connection that was reset", lab -> {
            Lab.Pair pair = lab.pair();
            reset(pair.client());
            lab.await(pair.server(), READ);
            lab.attempt("nodelay", () -> pair.server().setOption(StandardSocketOptions.TCP_NODELAY, true));
            lab.attempt("linger", () -> pair.server().setOption(StandardSocketOptions.SO_LINGER, 0));
            lab.note("remote", pair.server().getRemoteAddress() != null);
        });
        to.add("gathering writes to a closed peer", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.await(pair.server(), READ);
            ByteBuffer[] from = {Lab.bytes("a"), Lab.bytes("b")};
            lab.attempt("first", () -> pair.server().write(from));
            from[0].clear();
            lab.attempt("second", () -> pair.server().write(from));
        });
        to.add("a reset loses what did not fit into the peer's buffers", lab -> {
            Lab.Pair pair = lab.pairWithSmallBuffers();
            long took = lab.fill(pair.client());
            reset(pair.client());
            ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
            long got = 0;
            String end = "end";
            try {
                for (int n = pair.server().read(chunk);
                        n >= 0;
                        n = pair.server().read(chunk.clear())) {
                    got += n;
                }
            } catch (java.io.IOException e) {
                end = e.getMessage();
            }
            lab.note("lost some", got < took);
            lab.note("end", end);
        });
    }

    private static void registered(ConformanceTest.Adder to) {
        to.add("closing while registered tells the peer the end at once", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ);
            selector.selectNow();
            pair.server().close();
            lab.note("valid", key.isValid());
            lab.note("keys", selector.keys().size());
            lab.read("peer reads", pair.client());
            lab.attempt("select", selector::selectNow);
            lab.note("keys", selector.keys().size());
        });
        to.add("closing while registered with unread bytes resets at the next select", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            pair.server().register(selector, READ);
            lab.write("write", pair.client(), "unread");
            selector.select(1000);
            pair.server().close();
            lab.read("peer reads", pair.client());
            selector.selectNow();
            lab.write("peer writes", pair.client(), "x");
            lab.write("peer writes", pair.client(), "x");
        });
        to.add("a reset while registered happens at the next select", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            pair.server().register(selector, READ);
            selector.selectNow();
            reset(pair.server());
            lab.note("before", lab.isReady(pair.client(), READ));
            selector.selectNow();
            lab.read("after", pair.client());
        });
        to.add("a channel cancelled and closed is closed at the next select", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ);
            selector.selectNow();
            key.cancel();
            selector.selectNow();
            reset(pair.server());
            lab.read("peer reads", pair.client());
        });
    }
}
