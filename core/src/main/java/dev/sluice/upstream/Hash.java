// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** Hashes that are the same in each process, so that several proxies agree. */
final class Hash {
    /** An odd number near 2^64 divided by the golden ratio: adding it again and again visits everything evenly. */
    static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Hash() {}

    /** Mixes all bits: the finalizer of SplitMix64. */
    static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    static long of(byte[] bytes) {
        long hash = bytes.length;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L; // FNV-1a
        }
        return mix(hash);
    }

    static long of(CharSequence text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    /** A number from 0 to {@code bound - 1}, evenly for even hashes. */
    static int below(int bound, long hash) {
        return (int) Math.multiplyHigh(hash >>> 1, (long) bound << 1);
    }
}
