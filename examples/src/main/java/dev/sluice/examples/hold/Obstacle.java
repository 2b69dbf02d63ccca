// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.util.function.Function;

/** Why a connection could not be opened, or could not be held, and what to do. */
enum Obstacle {
    REFUSED(
            "refused",
            "Connection refused",
            bounds -> "nobody listens there: start the server, or see which port it has"),
    NO_DESCRIPTOR_OF_ALL(
            "no descriptor left in the system",
            "Too many open files in system",
            bounds -> "fs.file-max is " + bounds.descriptorsOfAll() + " for all processes; raise it with sysctl"),
    NO_DESCRIPTOR(
            "no descriptor left",
            "Too many open files",
            bounds -> "this process may open " + bounds.descriptors()
                    + " descriptors; raise that with ulimit -n, or start more processes"),
    NO_PORT(
            "no port left",
            "Cannot assign requested address|Address already in use",
            bounds -> "a source has the ports of net.ipv4.ip_local_port_range, here " + bounds.ports()
                    + "; give more sources (--sources), or, where the kernel chooses the source, more targets"),
    TIMED_OUT(
            "timed out",
            "timed out",
            bounds -> "no answer to the first packets: the server's backlog is full (net.core.somaxconn), or something"
                    + " on the way drops them"),
    UNREACHABLE("unreachable", "unreachable|No route to host", bounds -> "there is no way to that address from here"),
    NO_MEMORY(
            "no memory left for sockets",
            "No buffer space|Cannot allocate memory",
            bounds -> "the kernel's limit is net.ipv4.tcp_mem, or the machine's memory"),
    RESET(
            "reset",
            "reset|Broken pipe",
            bounds -> "the other end, or something on the way, has reset it: a server that ended, or"
                    + " whose backlog is full while net.ipv4.tcp_abort_on_overflow is set"),
    CLOSED_BY_PEER(
            "closed by peer",
            "closed by peer",
            bounds -> "the server has ended it: it was stopped, or has a deadline for idle ones"),
    OTHER("failed", "", bounds -> "the reason is in the example");

    private final String label;
    private final String pattern;
    private final Function<Bounds, String> advice;

    Obstacle(String label, String pattern, Function<Bounds, String> advice) {
        this.label = label;
        this.pattern = "(?s).*(" + pattern + ").*";
        this.advice = advice;
    }

    /** The JDK has hardly any types for these, so it is the C library's text that tells. */
    static Obstacle of(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        for (Obstacle obstacle : values()) {
            if (message.matches(obstacle.pattern)) {
                return obstacle;
            }
        }
        return OTHER;
    }

    /** Says whether the next connection would meet it too. */
    boolean stays() {
        return this == NO_DESCRIPTOR || this == NO_DESCRIPTOR_OF_ALL;
    }

    String label() {
        return label;
    }

    String advice(Bounds bounds) {
        return advice.apply(bounds);
    }
}
