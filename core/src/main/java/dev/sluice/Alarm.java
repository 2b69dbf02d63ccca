// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LoggedFailure;
import dev.sluice.loop.Timer;
import dev.sluice.loop.Work;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is done on a {@link Reader}'s thread when the time for it has come, once for each time it is set: a deadline,
 * or a check that is made now and then. Setting it again is a few writes, however many alarms there are. Made by
 * {@link Reader#alarm}; its methods may be called on that Reader's thread only.
 *
 * <p>It is never early, and late by at most 10 ms up to five seconds, by a fifteenth of the time above, and by the time that
 * the loop is busy with other things. One whose Reader has ended does nothing any more, but what is to be done at that end.
 */
public final class Alarm {
    private static final Logger LOG = LoggerFactory.getLogger(Alarm.class);

    private final Reader reader;
    private final Timer timer;
    private final Work atEnd; // null if nothing is to be done then

    Alarm(Reader reader, Runnable action) {
        this.reader = reader;
        this.timer = new Timer(new Action(reader, action));
        this.atEnd = null;
    }

    Alarm(Reader reader, Runnable action, Runnable atEnd) {
        this.reader = reader;
        this.atEnd = new AtEnd(atEnd);
        this.timer = new Timer(new Action(reader, () -> {
            reader.waitsNoMore(this.atEnd);
            action.run();
        }));
    }

    /** Sets it, however it was set before; the time is 0 to 365 days. */
    public void set(Duration after) {
        Check.range("after", after, Duration.ZERO, Deadlines.LONGEST);
        assert reader.loop.onLoop();
        reader.loop.timers().arm(timer, reader.loop.now() + after.toNanos());
        if (atEnd != null) {
            reader.waits(atEnd);
        }
    }

    /** It is not done, if it was not yet. */
    public void cancel() {
        assert reader.loop.onLoop();
        reader.loop.timers().disarm(timer);
        if (atEnd != null) {
            reader.waitsNoMore(atEnd);
        }
    }

    /** Whether it is still to be done. */
    public boolean isSet() {
        return timer.isArmed();
    }

    private record AtEnd(Runnable action) implements Work {
        @Override
        public void run() {
            throw new IllegalStateException("it is never put to the loop");
        }

        @Override
        public void failed(Throwable cause) {
            action.run();
        }
    }

    record Action(Reader reader, Runnable action) implements Work {
        @Override
        public void run() {
            action.run();
        }

        @Override
        public void failed(Throwable cause) {
            if (reader.hasEnded()) {
                LOG.debug("{}: has ended before something could be done there", reader, LoggedFailure.of(cause));
            } else {
                LOG.error("{}: what was to be done there has failed", reader, LoggedFailure.of(cause));
            }
        }
    }
}
