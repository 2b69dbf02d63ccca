// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One use of a backend, from when it was picked until it is over: a connection, as a rule. Whoever was given one says what
 * comes of it, and {@link #ended}, {@link #gaveUp} or {@link #failed} at the end, whatever happens: until then it counts as active. Later
 * calls do nothing. Any thread, one after the other as a rule.
 *
 * <pre>
 *   picked ── connected() ──► connected ── answered() ──► answered
 *     │                           │                          │
 *     └──── ended(): no outcome   └── ended(): a success     └── ended()
 *     └──── failed(): a failure   └── failed(): a failure    └── failed(): a failure
 *     └──── connectFailed(): one of the two
 *     └──── gaveUp(): no outcome  └── gaveUp(): no outcome    └── gaveUp()
 * </pre>
 */
public final class Lease implements Pick {
    private static final int PICKED = 0;
    private static final int CONNECTED = 1;
    private static final int ANSWERED = 2;
    private static final int OVER = 3;
    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Lease.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Member member;
    private final Lease tried;
    private final int ejections;
    private final int trial; // the low half of its end, which is enough to tell it from the next; 0 for none
    private volatile int phase;

    Lease(Member member, Lease tried, int ejections, int trial) {
        this.member = member;
        this.tried = tried;
        this.ejections = ejections;
        this.trial = trial;
    }

    /** Whom to connect to. */
    public Backend backend() {
        return member.backend;
    }

    /** The connection is open. This alone is no success: a backend may accept, and never say a word. */
    public void connected() {
        if (PHASE.compareAndSet(this, PICKED, CONNECTED)) {
            member.connected.incrementAndGet();
        }
    }

    /**
     * The backend does its work: its first bytes have come, for instance. Who can't tell calls this when the connection is
     * open. It counts as {@link #connected} too.
     */
    public void answered() {
        connected();
        if (PHASE.compareAndSet(this, CONNECTED, ANSWERED)) {
            member.members.succeeded(member, ejections, trial);
        }
    }

    /** It is over. That is a success if the connection was open, and says nothing about the backend if it was not. */
    public void ended() {
        end(true);
    }

    /**
     * It is over, and that says nothing about the backend, unless it has {@linkplain #answered answered}: whoever waited for an
     * answer has gone, or a connection that was kept had ended.
     */
    public void gaveUp() {
        end(false);
    }

    private void end(boolean openIsSuccess) {
        int before = (int) PHASE.getAndSet(this, OVER);
        if (before == CONNECTED && openIsSuccess) {
            member.members.succeeded(member, ejections, trial);
        } else if (before == CONNECTED || before == PICKED) {
            member.members.gaveUp(member, trial);
        }
        if (before != OVER) {
            member.active.decrementAndGet();
        }
    }

    /**
     * It is over, and that is the backend's fault: the connect has failed or took too long, or the connection ended before it
     * was of any use.
     *
     * @param cause for logs and {@link BackendStatus#lastFailure}; may be null
     */
    public void failed(Throwable cause) {
        int before = (int) PHASE.getAndSet(this, OVER);
        if (before != OVER) {
            member.members.failed(member, ejections, trial, cause);
            member.active.decrementAndGet();
        }
    }

    /**
     * It is over, for the connect has failed. That is the backend's fault, unless the connector had no connection to give: its
     * limit was reached, or its source ports were exhausted, or the process has no descriptor left.
     *
     * @param failure what {@link dev.sluice.Connector#connect(java.net.SocketAddress)} has failed with
     */
    public void connectFailed(Throwable failure) {
        if (OwnTrouble.is(failure)) {
            gaveUp(); // not ended(): a connection before this one, that was kept and dead, may have been open
        } else {
            failed(failure);
        }
    }

    /** Whether the backend is in probation, and this is the connection that tries it. */
    public boolean isTrial() {
        return trial != 0;
    }

    /** Whether {@link #ended}, {@link #gaveUp} or {@link #failed} was called. */
    public boolean isOver() {
        return phase == OVER;
    }

    /** The backend's name, and how far it is. */
    @Override
    public String toString() {
        return backend().name()
                + switch (phase) {
                    case PICKED -> ", picked";
                    case CONNECTED -> ", connected";
                    case ANSWERED -> ", answered";
                    default -> ", over";
                };
    }

    static boolean hasTried(Lease last, Member member) {
        for (Lease lease = last; lease != null; lease = lease.tried) {
            if (lease.member == member) {
                return true;
            }
        }
        return false;
    }
}
