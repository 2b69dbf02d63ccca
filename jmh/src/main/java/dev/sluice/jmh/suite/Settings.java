// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;

/**
 * How much is measured.
 *
 * @param rounds windows of each server in each scenario
 * @param windowMillis length of a window
 * @param warmMillis how long each server is warmed up, in each of two ways
 * @param connections how many echo
 * @param idle how many are idle, beside those that echo
 * @param heap how many are idle where heap is measured
 * @param frameBytes lengths of frames
 * @param framerRounds forks of each benchmark of a framer; 0 runs one in this process
 * @param framerMillis length of an iteration there
 */
record Settings(
        int rounds,
        int windowMillis,
        int warmMillis,
        List<Integer> connections,
        List<Integer> idle,
        List<Integer> heap,
        List<Integer> frameBytes,
        int framerRounds,
        int framerMillis) {

    /** What the page in the documentation is made with. */
    static Settings full() {
        return new Settings(
                5,
                1000,
                2000,
                List.of(1, 64, 1_000, 10_000),
                List.of(0, 5_000, 15_000),
                List.of(5_000, 10_000),
                List.of(16, 256, 4_096, 65_536),
                2,
                250);
    }

    /** To see whether everything runs, within two or three minutes; its figures are no use. */
    static Settings quick() {
        return new Settings(
                2, 300, 500, List.of(1, 64, 1_000), List.of(0, 1_000), List.of(1_000), List.of(16, 4_096), 1, 50);
    }

    Settings withRounds(int number) {
        return new Settings(
                number, windowMillis, warmMillis, connections, idle, heap, frameBytes, framerRounds, framerMillis);
    }

    /** The same without the numbers of connections that need more descriptors than a process may have. */
    Settings within(long descriptors) {
        return new Settings(
                rounds,
                windowMillis,
                warmMillis,
                fewer(connections, descriptors),
                fewer(idle, descriptors),
                fewer(heap, descriptors),
                frameBytes,
                framerRounds,
                framerMillis);
    }

    private static List<Integer> fewer(List<Integer> numbers, long descriptors) {
        return numbers.stream().filter(number -> number + 200 <= descriptors).toList();
    }
}
