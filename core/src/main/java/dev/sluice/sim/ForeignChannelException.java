// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectableChannel;

/** A channel of another provider was to be registered with a simulated selector. */
final class ForeignChannelException extends IllegalSelectorException {
    private static final long serialVersionUID = 1L;

    private final String channel;

    ForeignChannelException(SelectableChannel channel) {
        this.channel = channel.getClass().getName();
    }

    @Override
    public String getMessage() {
        return "a channel of " + channel + " can't be registered with a selector of this simulation, whose own provider"
                + " must open it";
    }
}
