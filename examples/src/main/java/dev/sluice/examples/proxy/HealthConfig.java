// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.time.Duration;

/**
 * How an upstream's backends are asked whether they live.
 *
 * @param check what is asked
 * @param interval between two questions to one backend
 * @param timeout after which no answer is a bad one
 * @param rise good answers in a row that make a bad backend good
 * @param fall bad answers in a row that make a good backend bad
 * @param send what is sent, for {@link Check#SEND_EXPECT}
 * @param expect what the answer begins with, for {@link Check#SEND_EXPECT}
 * @param path of the URL that is asked for, for {@link Check#HTTP}
 * @param host the name in that request; empty for the upstream's
 */
public record HealthConfig(
        Check check,
        Duration interval,
        Duration timeout,
        int rise,
        int fall,
        String send,
        String expect,
        String path,
        String host) {

    /** What is asked. */
    public enum Check {
        /** Nothing: all are good until connections to them fail. */
        NONE,
        /** Whether a connection comes to be. */
        CONNECT,
        /** Whether the answer to some bytes begins with others. */
        SEND_EXPECT,
        /** Whether a GET is answered with a status of 200 to 399. */
        HTTP
    }

    public static final HealthConfig NONE =
            new HealthConfig(Check.NONE, Duration.ofSeconds(5), Duration.ofSeconds(2), 2, 3, "", "", "/", "");
}
