// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.CloseReason.Cause;
import dev.sluice.loop.Work;

/**
 * The search for a connection to end for the sake of a new one: it is mailed from Reader to Reader, until one has a
 * connection that is idle or all were asked.
 *
 * @param admission where there is no room
 * @param lacking what there is none of
 * @param readers all of the server's
 * @param next who is asked
 * @param left how many have not been asked yet
 */
record Eviction(Admission admission, Cause lacking, Reader[] readers, int next, int left) implements Work {

    static void begin(Admission admission, Cause lacking, Reader[] readers, int first) {
        if (admission.beginEviction()) {
            new Eviction(admission, lacking, readers, first, readers.length).ask();
        }
    }

    private void ask() {
        if (left == 0) {
            admission.endEviction(false);
        } else if (!readers[next].loop.post(this)) {
            askNext(); // its loop has ended
        }
    }

    private void askNext() {
        new Eviction(admission, lacking, readers, (next + 1) % readers.length, left - 1).ask();
    }

    @Override
    public void run() {
        Reader reader = readers[next];
        SocketConnection idlest = reader.idlest(lacking == Cause.CONNECTIONS_OF_LISTENER ? admission : null);
        if (idlest == null) {
            askNext();
            return;
        }
        long limit = admission.limit(lacking);
        idlest.cut(at -> new CloseReason.Evicted(at, lacking, limit));
        reader.loop.later(new End(admission)); // behind the connection, which is closed by then
    }

    @Override
    public void failed(Throwable cause) {
        admission.endEviction(false);
    }

    private record End(Admission admission) implements Work {
        @Override
        public void run() {
            admission.endEviction(true);
        }

        @Override
        public void failed(Throwable cause) {
            run();
        }
    }
}
