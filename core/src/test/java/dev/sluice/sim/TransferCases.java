// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Reading and writing between two ends that both go on. */
final class TransferCases implements ConformanceTest.Cases {
    @Override
    public void addTo(ConformanceTest.Adder to) {
        reads(to);
        writes(to);
        buffers(to);
        readiness(to);
    }

    private static void reads(ConformanceTest.Adder to) {
        to.add("nothing to read is 0", lab -> lab.readNow("read", lab.pair().server()));
        to.add("what was written is read", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "hello");
            lab.read("read", pair.server());
            lab.readNow("then", pair.server());
        });
        to.add("both directions at once", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("there", pair.client(), "ping");
            lab.write("back", pair.server(), "pong");
            lab.read("server", pair.server());
            lab.read("client", pair.client());
        });
        to.add("several writes are read as one", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "one");
            lab.write("write", pair.client(), "two");
            lab.write("write", pair.client(), "three");
            lab.read("read", pair.server());
        });
        to.add("a small buffer gets the beginning", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "abcdef");
            lab.await(pair.server(), SelectionKey.OP_READ);
            ByteBuffer small = ByteBuffer.allocate(4);
            lab.attempt("read", () -> pair.server().read(small));
            lab.note("buffer", new String(small.array(), java.nio.charset.StandardCharsets.ISO_8859_1));
            lab.readNow("rest", pair.server());
        });
        to.add("a full buffer gets nothing", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), SelectionKey.OP_READ);
            lab.attempt("full", () -> pair.server().read(ByteBuffer.allocate(0)));
            lab.readNow("read", pair.server());
        });
        to.add("a full buffer at the end of the stream", lab -> {
            Lab.Pair pair = lab.pair();
            pair.client().close();
            lab.await(pair.server(), SelectionKey.OP_READ);
            lab.attempt("full", () -> pair.server().read(ByteBuffer.allocate(0)));
        });
        to.add("reading into what can't be written", lab -> {
            Lab.Pair pair = lab.pair();
            lab.attempt("read", () -> pair.server().read(ByteBuffer.allocate(9).asReadOnlyBuffer()));
            lab.attempt("null", () -> pair.server().read((ByteBuffer) null));
        });
        to.add("reading moves the position only", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "abc");
            lab.await(pair.server(), SelectionKey.OP_READ);
            ByteBuffer into = ByteBuffer.allocateDirect(20).position(5).limit(15);
            lab.attempt("read", () -> pair.server().read(into));
            lab.note("buffer", into);
        });
        to.add("reading into several buffers", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "abcdefg");
            lab.await(pair.server(), SelectionKey.OP_READ);
            ByteBuffer[] into = {ByteBuffer.allocate(2), ByteBuffer.allocate(0), ByteBuffer.allocate(3)};
            lab.attempt("read", () -> pair.server().read(into));
            lab.note("last", into[2]);
            ByteBuffer[] more = {ByteBuffer.allocate(9), ByteBuffer.allocate(9)};
            lab.attempt("rest", () -> pair.server().read(more, 1, 1));
            lab.note("rest", more[1]);
            lab.attempt("none", () -> pair.server().read(more));
            lab.attempt("out of range", () -> pair.server().read(more, 1, 2));
        });
    }

    private static void writes(ConformanceTest.Adder to) {
        to.add("writing nothing", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "");
            lab.readNow("read", pair.server());
            lab.attempt("null", () -> pair.client().write((ByteBuffer) null));
        });
        to.add("writing moves the position only", lab -> {
            Lab.Pair pair = lab.pair();
            ByteBuffer from = ByteBuffer.allocate(20).position(3).limit(10);
            lab.attempt("write", () -> pair.client().write(from));
            lab.note("buffer", from);
        });
        to.add("writing from what is read-only", lab -> {
            Lab.Pair pair = lab.pair();
            lab.attempt("write", () -> pair.client().write(Lab.bytes("constant").asReadOnlyBuffer()));
            lab.read("read", pair.server());
        });
        to.add("writing from several buffers", lab -> {
            Lab.Pair pair = lab.pair();
            ByteBuffer[] from = {Lab.bytes("one"), Lab.bytes(""), Lab.bytes("two")};
            lab.attempt("write", () -> pair.client().write(from));
            lab.read("read", pair.server());
            lab.note("last", from[2]);
            lab.attempt("nothing", () -> pair.client().write(from));
            lab.attempt("out of range", () -> pair.client().write(from, 2, 2));
        });
        to.add("a large buffer is written in part", lab -> {
            SocketChannel client = lab.pair().client();
            ByteBuffer large = ByteBuffer.allocateDirect(64 << 20);
            int n = client.write(large);
            lab.note("some", n > 0 && n < 64 << 20);
            lab.note("position", large.position() == n);
        });
    }

    private static void buffers(ConformanceTest.Adder to) {
        to.add("a peer that doesn't read makes writes take nothing", lab -> {
            Lab.Pair pair = lab.pairWithSmallBuffers();
            lab.note("took", lab.fill(pair.client()) > 0);
            lab.note("writable", lab.isReady(pair.client(), SelectionKey.OP_WRITE));
        });
        to.add("reading makes room for writing", lab -> {
            Lab.Pair pair = lab.pairWithSmallBuffers();
            long took = lab.fill(pair.client());
            lab.drain(pair.server(), took);
            lab.await(pair.client(), SelectionKey.OP_WRITE);
            lab.write("then", pair.client(), "x");
            lab.read("read", pair.server());
        });
        to.add("a full direction doesn't hold up the other", lab -> {
            Lab.Pair pair = lab.pairWithSmallBuffers();
            lab.fill(pair.client());
            lab.write("back", pair.server(), "back");
            lab.read("read", pair.client());
        });
        to.add("the order of bytes is kept through full buffers", lab -> {
            Lab.Pair pair = lab.pair();
            int total = 3 << 20;
            ByteBuffer from = ByteBuffer.allocate(total);
            for (int i = 0; i < total; i++) {
                from.put(i, (byte) (i * 31 >>> 8 ^ i));
            }
            ByteBuffer into = ByteBuffer.allocate(total);
            while (into.hasRemaining()) {
                if (from.hasRemaining()) {
                    pair.client().write(from);
                }
                lab.await(pair.server(), SelectionKey.OP_READ);
                pair.server().read(into);
            }
            lab.note("same", from.flip().equals(into.flip()));
        });
    }

    private static void readiness(ConformanceTest.Adder to) {
        to.add("a new connection is writable and not readable", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            lab.attempt("select", selector::selectNow);
            lab.note("ready", key.readyOps());
        });
        to.add("readable as long as there is something", lab -> {
            Lab.Pair pair = lab.pair();
            lab.write("write", pair.client(), "ab");
            Selector selector = lab.selector();
            pair.server().register(selector, SelectionKey.OP_READ);
            for (int i = 0; i < 3; i++) {
                lab.attempt("select", () -> selector.select(1000));
                selector.selectedKeys().clear();
                lab.attempt("read one", () -> pair.server().read(ByteBuffer.allocate(1)));
                if (i == 1) {
                    lab.attempt("select", selector::selectNow);
                    break;
                }
            }
        });
        to.add("not readable before the peer writes", lab -> {
            Lab.Pair pair = lab.pair();
            lab.note("before", lab.isReady(pair.server(), SelectionKey.OP_READ));
            lab.write("write", pair.client(), "x");
            lab.read("after", pair.server());
        });
    }
}
