// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import java.util.List;

/**
 * A command: its name, what it takes, and what it does.
 *
 * @param name in small letters
 * @param arity how many arguments it has, its name included; negative if that is the least number
 * @param flags as COMMAND tells them; those of {@code denyoom} are refused when the store is full
 * @param firstKey index of the first argument that is a key, 0 if none is
 * @param lastKey index of the last one, negative if counted from the end
 * @param step from one key to the next
 * @param group what it belongs to, for its documentation
 * @param summary its documentation
 * @param body what it does
 */
record Command(
        String name,
        int arity,
        List<String> flags,
        int firstKey,
        int lastKey,
        int step,
        String group,
        String summary,
        Body body) {

    /** What a command does with a call that has the right number of arguments: it answers, once. */
    @FunctionalInterface
    interface Body {
        void run(Call call);
    }

    boolean takes(int arguments) {
        return arity < 0 ? arguments >= -arity : arguments == arity;
    }

    boolean needsMemory() {
        return flags.contains("denyoom");
    }
}
