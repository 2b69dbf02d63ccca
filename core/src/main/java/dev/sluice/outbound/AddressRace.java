// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of several addresses of one host is tried when, as RFC 8305 ("Happy Eyeballs", version 2), sections 4 and 5, says:
 * in an order in which the two families alternate; the next one as soon as one has failed, or when the latest has had no
 * answer for a while, beside it; and the first that answers wins. It does nothing itself: it is told the time and what has
 * happened, and says what may be done. Loop thread only.
 */
public final class AddressRace {
    private final int addresses;
    private final long delayNanos;
    private int begun;
    private int running;
    private long nextAtNanos; // means nothing until the first has begun
    private boolean over;

    /**
     * Makes a race in which nobody runs yet.
     *
     * @param addresses how many there are, in their {@linkplain #order order}
     * @param delayNanos how long an address has to answer before the next one is tried beside it
     */
    public AddressRace(int addresses, long delayNanos) {
        this.addresses = addresses;
        this.delayNanos = delayNanos;
    }

    /**
     * Brings addresses into the order in which they are tried: the families alternate, beginning with that of the first one,
     * and within a family the order is kept. An address that is there twice is tried once.
     */
    public static List<InetAddress> order(List<InetAddress> addresses) {
        if (addresses.size() < 2) {
            return addresses;
        }
        ArrayDeque<InetAddress> now = new ArrayDeque<>();
        ArrayDeque<InetAddress> then = new ArrayDeque<>();
        boolean sixIsFirst = addresses.get(0) instanceof Inet6Address;
        for (InetAddress address : addresses) {
            ArrayDeque<InetAddress> family = address instanceof Inet6Address == sixIsFirst ? now : then;
            if (!family.contains(address)) {
                family.add(address);
            }
        }
        List<InetAddress> ordered = new ArrayList<>(now.size() + then.size());
        while (!now.isEmpty()) {
            ordered.add(now.poll());
            if (!then.isEmpty()) {
                ArrayDeque<InetAddress> last = now;
                now = then;
                then = last;
            }
        }
        ordered.addAll(then);
        return ordered;
    }

    /** Whether one more address is to be tried now. */
    public boolean mayBegin(long nowNanos) {
        return hasMore() && (running == 0 || nowNanos - nextAtNanos >= 0);
    }

    /** Begins with one more address, which {@link #mayBegin}. Returns its place in the order, from 0. */
    public int begin(long nowNanos) {
        if (!mayBegin(nowNanos)) {
            throw new IllegalStateException("no address is to be tried now");
        }
        running++;
        nextAtNanos = nowNanos + delayNanos;
        return begun++;
    }

    /** One of those that were begun has failed, so that the next one need not wait. */
    public void failed(long nowNanos) {
        if (running == 0) {
            throw new IllegalStateException("nobody runs");
        }
        running--;
        nextAtNanos = nowNanos;
    }

    /** Ends it: one has won, or no further one is to be tried. */
    public void end() {
        over = true;
    }

    /** Whether there are addresses that are still to be tried. */
    public boolean hasMore() {
        return !over && begun < addresses;
    }

    /** When the next one is to be tried if nothing happens before, given that one has begun and it {@link #hasMore}. */
    public long nextAtNanos() {
        return nextAtNanos;
    }

    /** How many are being tried. */
    public int running() {
        return running;
    }

    /** Whether nobody runs, and nobody will. */
    public boolean isLost() {
        return running == 0 && !hasMore();
    }
}
