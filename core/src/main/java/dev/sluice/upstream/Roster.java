// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

/** The list of backends, with what depends on nothing else. Never changes. */
final class Roster {
    final Member[] members;
    final Backend[] backends; // of the same index

    /** Where keys belong, or null if the balancer doesn't ask. */
    final KeyMap keys;

    Roster(Member[] members, Backend[] backends, KeyMap keys) {
        this.members = members;
        this.backends = backends;
        this.keys = keys;
    }

    int size() {
        return members.length;
    }
}
