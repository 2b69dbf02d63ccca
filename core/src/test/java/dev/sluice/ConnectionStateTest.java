// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ConnectionStateTest {

    @Test
    void everyStateIsReachedAndEachLeadsToClosed() {
        for (ConnectionState start : ConnectionState.values()) {
            assertTrue(reachable(start).contains(ConnectionState.CLOSED), start + " leads to CLOSED");
        }
        EnumSet<ConnectionState> accepted = reachable(ConnectionState.OPEN);
        accepted.add(ConnectionState.CONNECTING);
        assertEquals(EnumSet.allOf(ConnectionState.class), accepted);
    }

    @Test
    void noStateIsEnteredTwice() {
        for (ConnectionState state : ConnectionState.values()) {
            EnumSet<ConnectionState> later = reachable(state);
            later.remove(state);
            for (ConnectionState next : later) {
                assertFalse(next.mayBecome(state), next + " back to " + state);
            }
            assertFalse(state.mayBecome(state));
        }
    }

    private static EnumSet<ConnectionState> reachable(ConnectionState start) {
        EnumSet<ConnectionState> seen = EnumSet.of(start);
        ArrayDeque<ConnectionState> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            ConnectionState state = open.poll();
            for (ConnectionState next : ConnectionState.values()) {
                if (state.mayBecome(next) && seen.add(next)) {
                    open.add(next);
                }
            }
        }
        return seen;
    }
}
