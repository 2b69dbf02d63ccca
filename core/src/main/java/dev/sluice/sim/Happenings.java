// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What happens in a run and could as well be left out: each time that a fault strikes, each random client, each of its
 * requests. A smaller run is one that is told to leave out all but some of them.
 */
final class Happenings {
    private final Set<String> allowed; // null: all
    private final Set<String> seen; // null: nobody asks

    private Happenings(Set<String> allowed, Set<String> seen) {
        this.allowed = allowed;
        this.seen = seen;
    }

    /** Leaves nothing out, and remembers nothing. */
    static Happenings all() {
        return new Happenings(null, null);
    }

    /** Leaves nothing out, and remembers all. */
    static Happenings recorded() {
        return new Happenings(null, new LinkedHashSet<>());
    }

    /** Leaves out all but these. */
    static Happenings only(Collection<String> allowed) {
        return new Happenings(new HashSet<>(allowed), new LinkedHashSet<>());
    }

    /** Whether the {@code number}th of its kind is to happen. */
    boolean mayHappen(String kind, long number) {
        return mayHappen(kind, number, "");
    }

    /** Whether the {@code number}th of its kind is to happen of somebody's. */
    boolean mayHappen(String kind, long number, Object whose) {
        if (seen == null) {
            return true;
        }
        String name = kind + ' ' + number + whose;
        if (allowed != null && !allowed.contains(name)) {
            return false;
        }
        seen.add(name);
        return true;
    }

    /** What has happened, in order. */
    List<String> seen() {
        return seen == null ? List.of() : List.copyOf(seen);
    }
}
