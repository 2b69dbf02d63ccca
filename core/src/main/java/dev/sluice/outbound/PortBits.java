// SPDX-License-Identifier: Apache-2.0
package dev.sluice.outbound;

/**
 * A bit for each port of a list, in pages that are there only once a bit of theirs was set. Finding one that is clear looks at
 * one number for each full page, so it costs the same when nearly all are set.
 */
final class PortBits {
    private static final int PAGE = 4096;

    private final int size;
    private final long[][] pages;
    private final int[] setInPage;
    private int count;

    PortBits(int size) {
        this.size = size;
        int number = (size + PAGE - 1) / PAGE;
        this.pages = new long[number][];
        this.setInPage = new int[number];
    }

    /** How many are set. */
    int count() {
        return count;
    }

    boolean get(int index) {
        long[] page = pages[index / PAGE];
        return page != null && (page[word(index)] & 1L << index) != 0;
    }

    /** Sets one that is clear. */
    void set(int index) {
        assert !get(index) : index;
        int page = index / PAGE;
        if (pages[page] == null) {
            pages[page] = new long[PAGE / Long.SIZE];
        }
        pages[page][word(index)] |= 1L << index;
        setInPage[page]++;
        count++;
    }

    /** Clears one that is set. */
    void clear(int index) {
        assert get(index) : index;
        int page = index / PAGE;
        pages[page][word(index)] &= ~(1L << index);
        setInPage[page]--;
        count--;
    }

    /** Clears those that are set in {@code others}, all of which are set here. */
    void clearAll(PortBits others) {
        for (int page = 0; page < pages.length; page++) {
            if (others.setInPage[page] > 0) {
                long[] here = pages[page];
                long[] there = others.pages[page];
                for (int i = 0; i < here.length; i++) {
                    here[i] &= ~there[i];
                }
                setInPage[page] -= others.setInPage[page];
            }
        }
        count -= others.count;
    }

    /** The first of {@code from} to {@code to}, that one excluded, which is clear; or -1. */
    int nextClear(int from, int to) {
        int index = from;
        while (index < to) {
            int page = index / PAGE;
            if (setInPage[page] == Math.min(PAGE, size - page * PAGE)) {
                index = (page + 1) * PAGE;
                continue;
            }
            if (pages[page] == null) {
                return index;
            }
            long clear = ~pages[page][word(index)] & -1L << index;
            if (clear != 0) {
                int found = index / Long.SIZE * Long.SIZE + Long.numberOfTrailingZeros(clear);
                return found < to ? found : -1;
            }
            index = (index / Long.SIZE + 1) * Long.SIZE;
        }
        return -1;
    }

    /** How many of {@code from} to {@code to}, that one excluded, are clear. */
    int clearBetween(int from, int to) {
        int clear = 0;
        for (int index = nextClear(from, to); index >= 0; index = nextClear(index + 1, to)) {
            clear++;
        }
        return clear;
    }

    private static int word(int index) {
        return index % PAGE / Long.SIZE;
    }
}
