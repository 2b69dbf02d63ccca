// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.nio.channels.SelectionKey;

/**
 * What a selection key is attached to. The operations it is interested in are only noted here; the loop writes them to
 * the key once, at the end of its pass. Desired and registered interest are separate, so a change that is taken back
 * within the pass costs nothing. It can be armed as a timer, for a connection has one and must not need another object
 * for it. Loop thread only.
 */
public abstract class KeyTarget extends Timed {
    /** So many times in a row ready for nothing are no accident. It fits into a byte, for there is one in each connection. */
    public static final int MOST_IN_VAIN = 100;

    private SelectionKey key;
    private byte registered;
    private byte desired;
    private boolean listed;
    private byte inVain; // times in a row

    /**
     * The channel is ready for some of the operations in {@code readyOps}. Returns whether anything came of that: bytes,
     * a connection, another state.
     */
    public abstract boolean ready(int readyOps) throws Exception;

    /**
     * The channel was reported ready for {@link #MOST_IN_VAIN} times in a row and nothing came of it, so it would keep its
     * loop busy for ever: let go of it.
     */
    public abstract void spins(int readyOps) throws Exception;

    /** {@link #ready} threw, or {@link #timeHasCome} did. */
    @Override
    public abstract void failed(Throwable cause);

    /** Does nothing. A target that arms itself overrides it. */
    @Override
    public void timeHasCome() throws Exception {}

    /** Calls {@link #ready}, and {@link #spins} if that was in vain too often. */
    final void serve(int readyOps) throws Exception {
        if (ready(readyOps)) {
            inVain = 0;
        } else if (++inVain == MOST_IN_VAIN) {
            inVain = 0;
            spins(readyOps);
        }
    }

    final void registered(SelectionKey newKey, int ops) {
        key = newKey;
        registered = (byte) ops;
        desired = (byte) ops;
    }

    /** Its channel has been registered with another selector, for what it is interested in now. */
    final void movedTo(SelectionKey newKey) {
        key = newKey;
        registered = desired;
    }

    /** The operations that it is interested in, or will be from the end of this pass on. */
    public final int interest() {
        return desired;
    }

    final void deregister() {
        if (key != null) {
            key.cancel();
        }
    }

    /** Notes the interest; returns whether this target has to be put on the list of those to be settled. */
    final boolean desire(int ops) {
        desired = (byte) ops;
        if (desired == registered || listed) {
            return false;
        }
        listed = true;
        return true;
    }

    /** Ends being on the list of those to be settled; returns whether it was. */
    final boolean unlist() {
        boolean was = listed;
        listed = false;
        return was;
    }

    /** The one place that writes {@code interestOps}. */
    final void settleInterest() {
        listed = false;
        if (desired != registered && key.isValid()) {
            registered = desired;
            key.interestOps(desired);
        }
    }
}
