// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/** Something that a loop runs on its thread, and that says itself what its failure means. */
public interface Work {

    /** Called on the loop's thread. */
    void run() throws Exception;

    /** Called on the loop's thread when {@link #run} threw, or instead of it when the loop ended before. */
    void failed(Throwable cause);
}
