// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.Framer;

/** A framer of a {@link FrameLevel}, and for one in the middle of a frame when that began. Loop thread only. */
final class FramerInUse<F> {
    final Framer<F> framer;
    // while a connection keeps it
    long began;
    int charged; // to the budget

    FramerInUse(Framer<F> framer) {
        this.framer = framer;
    }
}
