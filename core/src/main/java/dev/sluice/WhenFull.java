// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/**
 * What becomes of a client who comes while a limit is reached. Set in {@link Limits}. Whatever it is, connections that
 * are held go on as before, and the client is not counted among them.
 */
public enum WhenFull {
    /**
     * It isn't accepted, and waits in the kernel's backlog until there is room. Costs nothing; the client sees a
     * connection on which nobody answers, and if the backlog is full as well, a connect that takes long.
     */
    WAIT,
    /**
     * It is accepted, told so in the words of {@link Protocol#refuse}, and its connection is ended in order, within
     * {@link Deadlines#linger}: the reason is {@link CloseReason.Refused}. At most 128 clients of a server are being
     * refused like that at the same time, and an acceptor refuses at most 16 in one pass of its loop; who comes while
     * there are 128 is reset at once. Both are counted by {@link Acceptor#refused}.
     */
    REFUSE,
    /**
     * The connection that is idle longest is ended for it, with {@link CloseReason.Evicted}: nothing of it is in flight,
     * unsent or begun, and it isn't paused. Who that is, is found approximately: one Reader after the other is asked, and
     * looks at 64 of its connections, other ones each time. Connections of a {@link Connector} are left alone. While none
     * is idle the client waits as with {@link #WAIT}, and it is looked again every 100 ms.
     */
    EVICT_IDLEST
}
