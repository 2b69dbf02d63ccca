// SPDX-License-Identifier: Apache-2.0
package dev.sluice.testing;

import dev.sluice.frame.FrameException;
import java.util.List;

/**
 * A stream of the corpus and what must come of it.
 *
 * @param rejection how it ends; {@code null} if it is accepted
 */
record Entry<V>(int number, byte[] stream, List<V> frames, FrameException.Kind rejection) {

    boolean isAccepted() {
        return rejection == null;
    }

    @Override
    public String toString() {
        return "stream " + number + " " + Printable.bytes(stream);
    }
}
