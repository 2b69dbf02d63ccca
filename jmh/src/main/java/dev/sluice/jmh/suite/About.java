// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import java.util.List;

/**
 * When, where and with what a group was measured.
 *
 * @param loadBefore processes that wanted to run, on average in the minute before
 * @param notes what was left out, and why
 */
record About(
        String date,
        String commit,
        String command,
        String machine,
        String kernel,
        String jdk,
        String peerJdk,
        String pinning,
        double loadBefore,
        long seconds,
        List<String> notes) {}
