// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import dev.sluice.Server;

/**
 * A listener that is open, with a server of its own, since what a server was made from doesn't change while it runs: another
 * server takes the place of one whose settings have changed. Where clients go to may change at any time. Any thread.
 *
 * @param <P> what says where clients go to
 */
public interface OpenListener<P> {
    /** As in the configuration. */
    String name();

    /** What its server is made from. */
    Object settings();

    /** Its server. */
    Server server();

    /** What is counted for it. */
    ListenerCounts counts();

    /** From now on clients go there. Nothing of this can fail. */
    void plan(P plan);

    /** It takes nobody in any more; whom it has may go on. Nothing of this can fail. */
    default void leaving() {}

    /** Whether whom it had has gone, once it takes nobody in any more. */
    default boolean hasLeft() {
        return server().connections() == 0;
    }

    /** Its server has ended, and nobody needs what it has made beside that. */
    default void ended() {}
}
