// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import java.net.SocketAddress;
import java.util.Objects;

/** A target that nobody needs to be told anything of. */
record AddressOnly(SocketAddress address) implements RelayTarget {
    AddressOnly {
        Objects.requireNonNull(address, "address");
    }
}
