// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.time.Duration;

/**
 * Moves connections away from a Reader that has held many more than the others for some time. One for each Reader, which
 * looks on its own loop and moves only what is between two frames at that moment. Loop thread only.
 */
final class Rebalancer implements Work {
    /** So many looks in a row must find it unequal: a burst of accepts is no reason. */
    private static final int LOOKS = 3;
    /** Few more than the others are no reason either. */
    private static final int SLACK = 8;

    private static final int MOVES_PER_LOOK = 64;
    private static final int LOOKED_AT = 1024;

    private final Reader reader;
    private final Reader[] readers;
    private final long everyNanos;
    private final Timer timer = new Timer(this);
    private int unequal; // looks in a row

    private Rebalancer(Reader reader, Reader[] readers, Duration every) {
        this.reader = reader;
        this.readers = readers;
        this.everyNanos = every.toNanos();
    }

    /** Starts one on each Reader, if there are several. */
    static void start(Reader[] readers, Duration every) {
        for (Reader reader : readers) {
            if (readers.length > 1) {
                reader.loop.post(new Rebalancer(reader, readers, every));
            }
        }
    }

    @Override
    public void run() {
        if (reader.isDraining()) {
            return;
        }
        reader.loop
                .timers()
                .arm(timer, reader.loop.now() + everyNanos); // before, so that a failure is not the end of it
        look();
    }

    private void look() {
        int[] counts = new int[readers.length];
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = readers[i].connections();
            sum += counts[i];
        }
        int average = (int) (sum / counts.length);
        if (counts[reader.index()] <= average + average / 4 + SLACK) {
            unequal = 0;
        } else if (++unequal >= LOOKS) {
            move(counts, average);
        }
    }

    private void move(int[] counts, int average) {
        int moves = Math.min(MOVES_PER_LOOK, counts[reader.index()] - average);
        SocketConnection c = reader.first();
        for (int looks = 0; looks < LOOKED_AT && moves > 0 && c != null; looks++) {
            if (c.mayMove() && !c.level().admission.isOfConnector()) {
                int emptiest = emptiest(counts);
                counts[emptiest]++;
                moves--;
                c.moveTo(readers[emptiest]);
            }
            c = c.next;
        }
    }

    private static int emptiest(int[] counts) {
        int emptiest = 0;
        for (int i = 1; i < counts.length; i++) {
            if (counts[i] < counts[emptiest]) {
                emptiest = i;
            }
        }
        return emptiest;
    }

    @Override
    public void failed(Throwable cause) {
        reader.warnings.warn("{}: looking whether Readers are unequal failed", reader, LoggedFailure.of(cause));
    }
}
