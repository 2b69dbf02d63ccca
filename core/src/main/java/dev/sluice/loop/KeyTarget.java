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
    private SelectionKey key;
    private byte registered;
    private byte desired;
    private boolean listed;

    /** The channel is ready for some of the operations in {@code readyOps}. */
    public abstract void ready(int readyOps) throws Exception;

    /** {@link #ready} threw, or {@link #timeHasCome} did. */
    @Override
    public abstract void failed(Throwable cause);

    /** Does nothing. A target that arms itself overrides it. */
    @Override
    public void timeHasCome() throws Exception {}

    final void registered(SelectionKey newKey, int ops) {
        key = newKey;
        registered = (byte) ops;
        desired = (byte) ops;
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

    /** The one place that writes {@code interestOps}. */
    final void settleInterest() {
        listed = false;
        if (desired != registered && key.isValid()) {
            registered = desired;
            key.interestOps(desired);
        }
    }
}
