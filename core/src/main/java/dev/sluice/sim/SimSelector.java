// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A selector over simulated channels that behaves as the JDK's does over epoll: level-triggered; a change of interest, a
 * cancelled key and a closed channel count from the next select on; at most 512 channels are told of in one select, with
 * what was ready when it returned, even if an earlier callback changed that. Their order is drawn from the seed.
 */
final class SimSelector extends AbstractSelector {
    private static final int MOST_EVENTS = 512;

    private final Network network;
    private final Waiting waiting;
    private final Chance order;
    private final ArrayList<SimKey> keys = new ArrayList<>();
    private final Set<SelectionKey> keyView = new KeyView(keys, false);
    private final ArrayList<SimKey> ready = new ArrayList<>();
    private final ArrayDeque<SimKey> updates = new ArrayDeque<>();
    private final Set<SelectionKey> selected = new LinkedHashSet<>();
    private final Set<SelectionKey> selectedView = new KeyView(selected, true);
    private SimKey[] batch = new SimKey[16];
    private int[] batchBits = new int[16];
    private Owner sleeper = () -> {};
    private boolean woken;
    private boolean spinning;
    private boolean selecting;
    private long registrations;

    SimSelector(SimProvider provider, Network network, Waiting waiting, Chance order) {
        super(provider);
        this.network = network;
        this.waiting = waiting;
        this.order = order;
    }

    /** Tells whoever sleeps in this selector that it would return now. */
    void sleeper(Owner newSleeper) {
        sleeper = newSleeper;
    }

    /** Whether a select would return at once. */
    boolean wouldReturn() {
        return woken || !ready.isEmpty() || !isOpen();
    }

    /** From now on it doesn't wait, whether anything is ready or not. */
    void spin() {
        spinning = true;
    }

    boolean isSpinning() {
        return spinning;
    }

    // ---- keys

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        if (!(channel instanceof SimChannel own) || own.network() != network) {
            throw new ForeignChannelException(channel);
        }
        ensureOpen();
        SimKey key = new SimKey(this, own, registrations++);
        key.attach(attachment);
        key.index = keys.size();
        keys.add(key);
        own.keyList().add(key);
        key.interestOps(ops);
        return key;
    }

    void queueUpdate(SimKey key) {
        if (!key.updateQueued) {
            key.updateQueued = true;
            updates.add(key);
        }
    }

    /** Notes whether a key is ready. */
    void ready(SimKey key, boolean isReady) {
        if (isReady == key.readyIndex >= 0) {
            return;
        }
        if (isReady) {
            key.readyIndex = ready.size();
            ready.add(key);
            sleeper.changed();
        } else {
            SimKey last = ready.remove(ready.size() - 1);
            if (last != key) {
                ready.set(key.readyIndex, last);
                last.readyIndex = key.readyIndex;
            }
            key.readyIndex = -1;
        }
    }

    private void deregisterCancelled() {
        Set<SelectionKey> cancelled = cancelledKeys();
        if (cancelled.isEmpty()) {
            return;
        }
        SimKey[] inOrder = cancelled.toArray(SimKey[]::new); // the set's own order differs from run to run
        cancelled.clear();
        Arrays.sort(inOrder, Comparator.comparingLong(key -> key.number));
        for (SimKey key : inOrder) {
            deregisterNow(key);
        }
    }

    private void deregisterNow(SimKey key) {
        key.forget();
        SimKey last = keys.remove(keys.size() - 1);
        if (last != key) {
            keys.set(key.index, last);
            last.index = key.index;
        }
        selected.remove(key);
        deregister(key);
        SimChannel channel = key.simChannel();
        channel.keyList().remove(key);
        if (!key.channel().isOpen() && !key.channel().isRegistered()) {
            channel.kill();
        }
    }

    // ---- select

    private int selectFor(Consumer<SelectionKey> action, long timeoutNanos) {
        ensureOpen();
        if (selecting) {
            throw new IllegalStateException("select in progress");
        }
        selecting = true;
        try {
            for (SimKey key = updates.poll(); key != null; key = updates.poll()) {
                key.update();
            }
            deregisterCancelled();
            if (timeoutNanos > 0 && !wouldReturn() && !Thread.currentThread().isInterrupted()) {
                long now = network.timeline.now();
                waiting.sleep(this, timeoutNanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + timeoutNanos);
                ensureOpen();
                deregisterCancelled();
            }
            woken = false;
            return serve(action);
        } finally {
            selecting = false;
        }
    }

    private int serve(Consumer<SelectionKey> action) {
        int n = takeBatch();
        int served = 0;
        for (int i = 0; i < n; i++) {
            SimKey key = batch[i];
            batch[i] = null;
            if (action == null) {
                served += addToSelected(key, batchBits[i]) ? 1 : 0;
            } else if (key.setReady(batchBits[i])) {
                action.accept(key);
                served++;
                ensureOpen();
            }
        }
        return served;
    }

    private boolean addToSelected(SimKey key, int bits) {
        if (selected.contains(key)) {
            return key.addReady(bits);
        }
        return key.setReady(bits) && selected.add(key);
    }

    private int takeBatch() {
        int all = ready.size();
        int n = Math.min(all, MOST_EVENTS);
        if (n > batch.length) {
            batch = new SimKey[MOST_EVENTS];
            batchBits = new int[MOST_EVENTS];
        }
        int start = all > 1 ? order.below(all) : 0;
        for (int i = 0; i < n; i++) {
            batch[i] = ready.get((start + i) % all);
        }
        for (int i = n - 1; i > 0; i--) {
            int j = order.below(i + 1);
            SimKey swapped = batch[i];
            batch[i] = batch[j];
            batch[j] = swapped;
        }
        for (int i = 0; i < n; i++) {
            batchBits[i] = batch[i].bits();
        }
        return n;
    }

    private static long nanos(long timeoutMillis) {
        if (timeoutMillis < 0) {
            throw new IllegalArgumentException("Negative timeout");
        }
        return timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    @Override
    public int select(Consumer<SelectionKey> action, long timeoutMillis) {
        return selectFor(Objects.requireNonNull(action), nanos(timeoutMillis));
    }

    @Override
    public int select(Consumer<SelectionKey> action) {
        return selectFor(Objects.requireNonNull(action), Long.MAX_VALUE);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) {
        return selectFor(Objects.requireNonNull(action), 0);
    }

    @Override
    public int select(long timeoutMillis) {
        return selectFor(null, nanos(timeoutMillis));
    }

    @Override
    public int select() {
        return selectFor(null, Long.MAX_VALUE);
    }

    @Override
    public int selectNow() {
        return selectFor(null, 0);
    }

    @Override
    public Selector wakeup() {
        if (isOpen()) {
            woken = true;
            sleeper.changed();
        }
        return this;
    }

    @Override
    public Set<SelectionKey> keys() {
        ensureOpen();
        return keyView;
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        ensureOpen();
        return selectedView;
    }

    private void ensureOpen() {
        if (!isOpen()) {
            throw new ClosedSelectorException();
        }
    }

    @Override
    protected void implCloseSelector() {
        sleeper.changed();
        deregisterCancelled();
        while (!keys.isEmpty()) {
            deregisterNow(keys.get(keys.size() - 1));
        }
        selected.clear();
    }
}
