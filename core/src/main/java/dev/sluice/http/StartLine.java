// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;

/**
 * Reads the first line of a head.
 *
 * @param <H> what the head is of
 */
interface StartLine<H> {
    void begin();

    /** As {@link FieldLines#read}. */
    int read(ByteBuffer in, int base, int at, int end, H into) throws FrameException;
}
