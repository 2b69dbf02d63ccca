// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.nio.channels.SelectableChannel;

/** What the simulated selector knows of the simulated channels. */
sealed interface SimChannel permits SimSocketChannel, SimServerSocketChannel {
    Network network();

    /** The keys it is registered with. */
    KeyList keyList();

    /** The bits of {@code poll} that are up now. */
    int poll();

    /** The bits of {@code poll} that a key is interested in. */
    int events(int interestOps);

    /** The operations that the bits mean, neither of them an error. */
    int readyOps(int bits, int interestOps);

    /** Lets go of the socket, once the channel is closed and no selector holds it any more. */
    void kill();

    SelectableChannel channel();
}
