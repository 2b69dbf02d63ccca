// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;

/** A server's process that is measured from outside. For one thread. */
public interface Measured extends AutoCloseable {

    /** Processor time that it has taken, in nanoseconds, in steps of the kernel's tick, as a rule 10 ms. */
    long cpuNanos();

    /** Bytes that it holds: on the heap after a full collection if it is Java, else of memory, with its part of what it shares. */
    long heldBytes() throws IOException, InterruptedException;

    /** Ends the process, and kills it if it doesn't end. */
    @Override
    void close() throws IOException;
}
