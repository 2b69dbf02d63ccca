// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The clients of one echo server, as a process. Each line on standard input is answered by one:
 *
 * <pre>
 * hold CONNECTIONS                          from now on so many are open, and each has echoed a message
 * echo CONNECTIONS OUTSTANDING BYTES MILLIS the first of them do, with so many messages of so many bytes under way on each
 * median MILLIS                             the first echoes one message after the other
 * connect AT-ONCE MILLIS                    connections are opened, echo a message, and are reset
 * </pre>
 *
 * {@code median} says how many nanoseconds half of the messages took at most, {@code echo} and {@code connect} how many
 * messages or connections there were, and in how many nanoseconds; a window ends when everything that was sent has come
 * back. The number of bytes is a multiple of 64. Every byte that comes back is compared with what was sent.
 */
public final class Load {
    private Load() {}

    /** Argument: the server's port on 127.0.0.1. */
    public static void main(String[] args) throws IOException {
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Crowd crowd = new Crowd(server);
                ShortConnections connects = new ShortConnections(server)) {
            String line;
            while ((line = in.readLine()) != null) {
                System.out.println(answer(line.split(" "), crowd, connects));
            }
        }
    }

    private static String answer(String[] words, Crowd crowd, ShortConnections connects) throws IOException {
        return switch (words[0]) {
            case "hold" -> {
                crowd.hold(Integer.parseInt(words[1]));
                yield "held";
            }
            case "echo" -> timed(crowd.echo(number(words[1]), number(words[2]), number(words[3]), nanos(words[4])));
            case "median" -> String.valueOf(crowd.medianNanos(nanos(words[1])));
            case "connect" -> timed(connects.run(number(words[1]), nanos(words[2])));
            default -> throw new IOException("unknown command: " + words[0]);
        };
    }

    private static int number(String word) {
        return Integer.parseInt(word);
    }

    private static long nanos(String millis) {
        return TimeUnit.MILLISECONDS.toNanos(Long.parseLong(millis));
    }

    private static String timed(Timed timed) {
        return timed.items() + " " + timed.nanos();
    }
}
