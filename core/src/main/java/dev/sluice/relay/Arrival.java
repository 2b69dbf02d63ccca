// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.prelude.ClientHello;
import java.nio.ByteBuffer;

/** What has come: bytes to be passed on, or a ClientHello that was seen in bytes which stay where they are. */
final class Arrival {
    ClientHello hello; // null if it is bytes
    ByteBuffer bytes;

    Arrival of(ClientHello seen) {
        hello = seen;
        bytes = null;
        return this;
    }

    Arrival of(ByteBuffer read) {
        hello = null;
        bytes = read;
        return this;
    }
}
