// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;

/** A registration. As with the JDK's, a change of its interest counts from the selector's next select on. */
final class SimKey extends AbstractSelectionKey {
    private final SimSelector selector;
    private final SimChannel channel;
    final long number;
    int index; // among the selector's keys
    int readyIndex = -1; // among those that are ready
    boolean updateQueued;
    private int interestOps;
    private int readyOps;
    private int events; // what the selector looks for

    SimKey(SimSelector selector, SimChannel channel, long number) {
        this.selector = selector;
        this.channel = channel;
        this.number = number;
    }

    @Override
    public SelectableChannel channel() {
        return channel.channel();
    }

    @Override
    public Selector selector() {
        return selector;
    }

    @Override
    public int interestOps() {
        ensureValid();
        return interestOps;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        ensureValid();
        if ((ops & ~channel().validOps()) != 0) {
            throw new IllegalArgumentException();
        }
        interestOps = ops;
        selector.queueUpdate(this);
        return this;
    }

    @Override
    public int readyOps() {
        ensureValid();
        return readyOps;
    }

    private void ensureValid() {
        if (!isValid()) {
            throw new CancelledKeyException();
        }
    }

    SimChannel simChannel() {
        return channel;
    }

    /** Brings what the selector looks for in line with the interest. */
    void update() {
        updateQueued = false;
        events = isValid() ? channel.events(interestOps) : 0;
        refresh();
    }

    void forget() {
        events = 0;
        refresh();
    }

    void refresh() {
        selector.ready(this, bits() != 0);
    }

    int bits() {
        return events == 0 ? 0 : channel.poll() & (events | Tcp.ERR | Tcp.HUP);
    }

    /** Replaces the ready operations by what the bits mean; returns whether there are any. */
    boolean setReady(int bits) {
        readyOps = meaning(bits);
        return readyOps != 0;
    }

    /** Adds what the bits mean to the ready operations; returns whether that is news. */
    boolean addReady(int bits) {
        int before = readyOps;
        readyOps |= meaning(bits);
        return readyOps != before;
    }

    // Whoever is interested in anything is told of an error by being told that it is ready.
    private int meaning(int bits) {
        return (bits & (Tcp.ERR | Tcp.HUP)) != 0 ? interestOps : channel.readyOps(bits, interestOps) & interestOps;
    }

    @Override
    public String toString() {
        return "key of " + channel + (isValid() ? ", interestOps=" + interestOps : ", invalid");
    }
}
