// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

/** The echo servers that are measured beside each other. */
final class Peers {
    private Peers() {}

    /** Starts {@code sluice}, {@code nio} or {@code netty}. */
    static EchoServer start(String name) throws Exception {
        return switch (name) {
            case "sluice" -> new SluiceEcho();
            case "nio" -> new NioEcho();
            case "netty" -> new NettyEcho();
            default -> throw new IllegalArgumentException("server: " + name + " is not sluice, nio or netty");
        };
    }
}
