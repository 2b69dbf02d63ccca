// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * What {@link RandomClients} say, and what they must hear in answer.
 *
 * <pre>{@code
 * Conversation pings = random -> new Conversation.Exchange(bytes("PING\r\n"), bytes("+PONG\r\n"));
 * }</pre>
 */
@FunctionalInterface
public interface Conversation {
    /**
     * The next exchange of some client, of which several may be under way on one connection: the replies then follow each
     * other in the order of the requests.
     *
     * @param random where all that is random must come from, or a run can't be repeated
     */
    Exchange next(RandomGenerator random);

    /**
     * A request and the reply to it. The arrays are not copied and must not be changed.
     *
     * @param request what is sent
     * @param reply what must come back, byte for byte; may be empty
     */
    record Exchange(byte[] request, byte[] reply) {
        /** Checks that both are there. */
        public Exchange {
            Objects.requireNonNull(request, "request");
            Objects.requireNonNull(reply, "reply");
        }
    }

    /**
     * Lines of 0 to {@code longest} letters that come back as they are.
     *
     * @param longest 0 or more
     */
    static Conversation echoedLines(int longest) {
        if (longest < 0) {
            throw new IllegalArgumentException("longest: " + longest + " is not 0 or more");
        }
        return random -> {
            byte[] line = new byte[1 + (int) ((random.nextLong() >>> 32) * (longest + 1L) >>> 32)];
            for (int i = 0; i < line.length - 1; i++) {
                line[i] = (byte) ('a' + ((random.nextLong() >>> 40) * 26 >>> 24));
            }
            line[line.length - 1] = '\n';
            return new Exchange(line, line);
        };
    }
}
