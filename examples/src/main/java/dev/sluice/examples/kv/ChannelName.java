// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import java.util.Arrays;

/** The name of a channel, hashed with the store's secret: else names could be chosen that are all in one bucket. */
final class ChannelName {
    final byte[] bytes;
    private final long hash;

    /** Keeps the array. */
    ChannelName(byte[] bytes, long hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelName name && name.hash == hash && Arrays.equals(name.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }
}
