// SPDX-License-Identifier: Apache-2.0
package dev.sluice.frame;

/**
 * Makes framers; usually a constructor: {@code LineFramer::new}. It is called from several Reader threads, a few times
 * in each Reader's life and once more for each connection that is in the middle of a frame at the same time.
 *
 * @param <F> what a frame is
 */
@FunctionalInterface
public interface FramerFactory<F> {

    /**
     * Returns a new framer.
     *
     * @param maxFrameBytes most bytes that one frame may have on the wire, its header and delimiter included; from the
     *     server's {@code Limits.frameBytes()}. A factory may hold its framers to less, never to more.
     */
    Framer<F> create(int maxFrameBytes);
}
