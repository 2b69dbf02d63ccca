// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Selecting: what it returns, when it returns, what its callbacks see. */
final class SelectCases implements ConformanceTest.Cases {
    private static final int READ = SelectionKey.OP_READ;
    private static final int WRITE = SelectionKey.OP_WRITE;
    private static final Consumer<SelectionKey> NOTHING = key -> {};

    @Override
    public void addTo(ConformanceTest.Adder to) {
        waiting(to);
        callbacks(to);
        selectedKeys(to);
        closed(to);
    }

    private static void waiting(ConformanceTest.Adder to) {
        to.add("a selector without channels", lab -> {
            Selector selector = lab.selector();
            lab.note("open", selector.isOpen());
            lab.note("keys", selector.keys());
            lab.note("selected", selector.selectedKeys());
            lab.attempt("now", selector::selectNow);
            lab.attempt("now with action", () -> selector.selectNow(NOTHING));
            lab.attempt("for a moment", () -> selector.select(5));
            lab.attempt("for a moment with action", () -> selector.select(NOTHING, 5));
        });
        to.add("bad arguments", lab -> {
            Selector selector = lab.selector();
            lab.attempt("negative", () -> selector.select(-1));
            lab.attempt("negative with action", () -> selector.select(NOTHING, -1));
            lab.attempt("null now", () -> selector.selectNow(null));
            lab.attempt("null", () -> selector.select((Consumer<SelectionKey>) null));
            lab.attempt("null for a moment", () -> selector.select(null, 5));
        });
        to.add("a wake-up counts for the next select", lab -> {
            Selector selector = lab.selector();
            lab.note("itself", selector.wakeup() == selector);
            lab.attempt("select", () -> selector.select(NOTHING));
            selector.wakeup();
            lab.attempt("select()", () -> selector.select());
            selector.wakeup();
            lab.attempt("select for long", () -> selector.select(NOTHING, 100_000));
        });
        to.add("many wake-ups count once", lab -> {
            Selector selector = lab.selector();
            selector.wakeup().wakeup().wakeup();
            lab.attempt("select", () -> selector.select(NOTHING));
            lab.note("the next waits", waits(selector));
        });
        to.add("selecting without waiting uses up a wake-up", lab -> {
            Selector selector = lab.selector();
            selector.wakeup();
            lab.attempt("now", selector::selectNow);
            lab.note("the next waits", waits(selector));
        });
        to.add("a wake-up does not hide what is ready", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            s.register(selector, WRITE);
            selector.wakeup();
            lab.attempt("select", () -> selector.select(NOTHING));
            lab.attempt("select", () -> selector.select(NOTHING));
        });
        to.add("an interrupted thread doesn't wait", lab -> {
            Selector selector = lab.selector();
            Thread.currentThread().interrupt();
            lab.attempt("select", () -> selector.select(NOTHING, 100_000));
            lab.note("still interrupted", Thread.interrupted());
            lab.note("open", selector.isOpen());
        });
        to.add("interest that is never ready", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, READ);
            lab.attempt("select", () -> selector.select(NOTHING, 5));
        });
        to.add("the time-out ends a select", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, READ);
            lab.note("waits", waits(selector));
        });
        to.add("what was written before a select ends it", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            pair.server().register(selector, READ);
            lab.write("write", pair.client(), "x");
            lab.attempt("select", () -> selector.select(NOTHING));
        });
    }

    private static boolean waits(Selector selector) throws java.io.IOException {
        return selector.select(NOTHING, 20) == 0;
    }

    private static void callbacks(ConformanceTest.Adder to) {
        to.add("each ready key is told of once", lab -> {
            Selector selector = lab.selector();
            List<SelectionKey> keys = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                keys.add(lab.pair().server().register(selector, WRITE));
            }
            List<SelectionKey> seen = new ArrayList<>();
            lab.attempt("select", () -> selector.select(seen::add));
            lab.note("all", seen.size() == 10 && Set.copyOf(seen).equals(Set.copyOf(keys)));
        });
        to.add("a callback leaves nothing among the selected keys", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, WRITE);
            lab.attempt("select", () -> selector.selectNow(NOTHING));
            lab.note("selected", selector.selectedKeys().size());
        });
        to.add("ready operations in a callback are this select's only", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ | WRITE);
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), READ);
            selector.selectNow(k -> lab.note("ready", k.readyOps()));
            pair.server().read(ByteBuffer.allocate(10));
            selector.selectNow(k -> lab.note("ready", k.readyOps()));
            key.interestOps(READ);
            selector.selectNow(k -> lab.note("ready", k.readyOps()));
            lab.note("afterwards", key.readyOps());
        });
        to.add("a callback that changes the interest of a key to come", lab -> {
            Selector selector = lab.selector();
            List<SelectionKey> keys = List.of(
                    lab.pair().server().register(selector, WRITE),
                    lab.pair().server().register(selector, WRITE));
            int[] calls = {0};
            lab.attempt(
                    "select",
                    () -> selector.selectNow(key -> {
                        calls[0]++;
                        keys.forEach(other -> other.interestOps(0));
                    }));
            lab.note("calls", calls[0]);
        });
        to.add("a callback that cancels a key to come", lab -> {
            Selector selector = lab.selector();
            List<SelectionKey> keys = List.of(
                    lab.pair().server().register(selector, WRITE),
                    lab.pair().server().register(selector, WRITE));
            List<Boolean> valid = new ArrayList<>();
            lab.attempt(
                    "select",
                    () -> selector.selectNow(key -> {
                        valid.add(key.isValid());
                        keys.forEach(SelectionKey::cancel);
                    }));
            lab.note("valid", valid);
            lab.note("keys", selector.keys().size());
            lab.attempt("select", () -> selector.selectNow(NOTHING));
            lab.note("keys", selector.keys().size());
        });
        to.add("a callback that reads what another key was ready for", lab -> {
            Lab.Pair one = lab.pair();
            Lab.Pair other = lab.pair();
            Selector selector = lab.selector();
            for (Lab.Pair pair : List.of(one, other)) {
                pair.server().register(selector, READ);
                lab.write("write", pair.client(), "x");
                lab.await(pair.server(), READ);
            }
            int[] calls = {0};
            lab.attempt(
                    "select",
                    () -> selector.selectNow(key -> {
                        calls[0]++;
                        lab.note("ready", key.readyOps());
                        try {
                            one.server().read(ByteBuffer.allocate(10));
                            other.server().read(ByteBuffer.allocate(10));
                        } catch (java.io.IOException e) {
                            throw new AssertionError(e);
                        }
                    }));
            lab.note("calls", calls[0]);
        });
        to.add("a callback that closes its channel", lab -> {
            Selector selector = lab.selector();
            SelectionKey key = lab.pair().server().register(selector, WRITE);
            lab.attempt("select", () -> selector.selectNow(k -> close(k)));
            lab.note("valid", key.isValid());
            lab.attempt("select", () -> selector.selectNow(k -> close(k)));
        });
        to.add("a callback that closes the selector", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, WRITE);
            lab.attempt(
                    "select",
                    () -> selector.selectNow(k -> {
                        try {
                            selector.close();
                        } catch (java.io.IOException e) {
                            throw new AssertionError(e);
                        }
                    }));
        });
        to.add("a callback that throws", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, WRITE);
            lab.attempt(
                    "select",
                    () -> selector.selectNow(key -> {
                        throw new IllegalStateException("deliberate");
                    }));
            lab.attempt("select", () -> selector.selectNow(NOTHING));
        });
        to.add("a callback that selects", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, WRITE);
            lab.attempt("select", () -> selector.selectNow(key -> lab.attempt("inner", selector::selectNow)));
        });
        to.add("a callback that registers another channel", lab -> {
            Selector selector = lab.selector();
            lab.pair().server().register(selector, WRITE);
            SocketChannel other = lab.pair().server();
            lab.attempt("select", () -> selector.selectNow(key -> register(other, selector)));
            lab.attempt("select", () -> selector.selectNow(NOTHING));
        });
        to.add("a callback that wakes", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, WRITE);
            lab.attempt("select", () -> selector.select(k -> selector.wakeup()));
            key.interestOps(0);
            lab.attempt("does not wait", () -> selector.select(NOTHING, 100_000));
        });
    }

    private static void register(SocketChannel channel, Selector selector) {
        try {
            channel.register(selector, WRITE);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void selectedKeys(ConformanceTest.Adder to) {
        to.add("selected keys stay until they are removed", lab -> {
            Selector selector = lab.selector();
            SelectionKey key = lab.pair().server().register(selector, WRITE);
            lab.attempt("first", selector::selectNow);
            lab.attempt("nothing new", selector::selectNow);
            lab.note("selected", selector.selectedKeys().equals(Set.of(key)));
            selector.selectedKeys().remove(key);
            lab.attempt("again", selector::selectNow);
        });
        to.add("ready operations of a selected key are added up", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            SelectionKey key = pair.server().register(selector, READ | WRITE);
            selector.selectNow();
            lab.note("ready", key.readyOps());
            lab.write("write", pair.client(), "x");
            lab.await(pair.server(), READ);
            lab.attempt("news", selector::selectNow);
            lab.note("ready", key.readyOps());
            pair.server().read(ByteBuffer.allocate(10));
            lab.attempt("no news", selector::selectNow);
            lab.note("ready", key.readyOps());
        });
        to.add("keys can't be added", lab -> {
            Selector selector = lab.selector();
            SelectionKey key = lab.pair().server().register(selector, WRITE);
            lab.attempt("add selected", () -> selector.selectedKeys().add(key));
            lab.attempt("add", () -> selector.keys().add(key));
            lab.attempt("remove", () -> selector.keys().remove(key));
            lab.note("keys", selector.keys().equals(Set.of(key)));
        });
        to.add("a cancelled key leaves the selected keys at the next select", lab -> {
            Selector selector = lab.selector();
            SelectionKey key = lab.pair().server().register(selector, WRITE);
            selector.selectNow();
            key.cancel();
            lab.note("selected", selector.selectedKeys().size());
            lab.attempt("select", selector::selectNow);
            lab.note("selected", selector.selectedKeys().size());
        });
    }

    private static void closed(ConformanceTest.Adder to) {
        to.add("a closed selector", lab -> {
            SocketChannel s = lab.pair().server();
            Selector selector = lab.selector();
            SelectionKey key = s.register(selector, WRITE);
            selector.close();
            lab.note("open", selector.isOpen());
            lab.note("valid", key.isValid());
            lab.attempt("keys", selector::keys);
            lab.attempt("selected", selector::selectedKeys);
            lab.attempt("select", () -> selector.select(NOTHING));
            lab.attempt("select()", () -> selector.select());
            lab.attempt("now", selector::selectNow);
            lab.attempt("wakeup", selector::wakeup);
            lab.attempt("register", () -> s.register(selector, READ));
            lab.note("registered", s.isRegistered());
            lab.note("channel open", s.isOpen());
            selector.close();
        });
        to.add("closing a selector closes channels that were waiting for it", lab -> {
            Lab.Pair pair = lab.pair();
            Selector selector = lab.selector();
            pair.server().register(selector, READ);
            selector.selectNow();
            lab.write("write", pair.client(), "unread");
            lab.await(pair.server(), READ);
            pair.server().close();
            selector.close();
            lab.write("write", pair.client(), "x");
            lab.readNow("read", pair.client());
        });
    }
}
