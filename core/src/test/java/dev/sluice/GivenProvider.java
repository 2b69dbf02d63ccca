// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.MachineProvider;
import java.nio.channels.Channel;

/** The machine's provider, but for the channel that this process is said to have been started with. */
final class GivenProvider extends MachineProvider {
    private final Channel inherited;

    GivenProvider(Channel inherited) {
        this.inherited = inherited;
    }

    @Override
    public Channel inheritedChannel() {
        return inherited;
    }
}
