// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.SocketIo;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/**
 * A descriptor that is held only to be let go of: when there is no other left, a client can be accepted with it, and be
 * told that it is refused, instead of waiting for nobody. Loop thread only.
 */
final class SpareDescriptor {
    private final SelectorProvider provider;
    private SocketChannel held; // never connected

    SpareDescriptor(SelectorProvider provider) {
        this.provider = provider;
    }

    /** Takes it, unless it is held. */
    void take() throws IOException {
        if (held == null) {
            held = SocketIo.open(provider);
        }
    }

    /** Lets go of it. Returns false if it wasn't held. */
    boolean release() {
        if (held == null) {
            return false;
        }
        SocketIo.close(held);
        held = null;
        return true;
    }
}
