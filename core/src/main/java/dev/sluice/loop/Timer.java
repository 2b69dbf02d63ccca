// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

/** Work for a certain time, for what is not {@link Timed} itself. Loop thread only. */
public final class Timer extends Timed {
    private final Work work;

    /** Makes a timer, not armed, that runs {@code work}. */
    public Timer(Work work) {
        this.work = work;
    }

    @Override
    public void timeHasCome() throws Exception {
        work.run();
    }

    @Override
    public void failed(Throwable cause) {
        work.failed(cause);
    }
}
