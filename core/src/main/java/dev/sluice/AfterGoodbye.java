// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

/** What is to become of a connection whose protocol was told that the server drains ({@link Protocol#draining}). */
public enum AfterGoodbye {
    /**
     * It ends as soon as it has nothing to do. A request that its peer sends at that very moment is not answered; a
     * protocol that has no words to prevent that has peers that try again.
     */
    END_WHEN_IDLE,
    /**
     * Its peer was told, and ends it; until then requests are answered as ever. So none is lost, unless the peer
     * has not ended it when the window is over.
     */
    WAIT_FOR_PEER
}
