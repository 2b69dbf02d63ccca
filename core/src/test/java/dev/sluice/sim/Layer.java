// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a {@link Talker}'s bytes go through on their way to its socket, and back. */
interface Layer {
    /** As {@code Tcp.read}: -1 is the end in order of the other's stream. */
    int read(ByteBuffer into) throws IOException;

    /** As {@code Tcp.write}. */
    int write(ByteBuffer from) throws IOException;

    /** Ends the stream in order, behind all that was written. */
    void end() throws IOException;

    /** Goes on with what is its own, as far as the socket lets it. */
    default void goOn() throws IOException {}

    /** Whether all that was written has left, and the end, if that was wanted. */
    default boolean isFlushed() {
        return true;
    }

    /** Whether there is something to read. */
    boolean hasInput();

    /** Whether a close of the socket ends the stream in order. */
    default boolean endsWithSocket() {
        return true;
    }

    /** None. */
    static Layer plain(Tcp tcp) {
        return new Layer() {
            @Override
            public int read(ByteBuffer into) throws IOException {
                return tcp.read(into);
            }

            @Override
            public int write(ByteBuffer from) throws IOException {
                return tcp.write(from);
            }

            @Override
            public void end() throws IOException {
                tcp.shutdownOutput();
            }

            @Override
            public boolean hasInput() {
                return tcp.hasInput();
            }
        };
    }
}
