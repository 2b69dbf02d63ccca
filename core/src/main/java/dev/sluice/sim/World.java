// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.regex.Pattern;

/** What the clients of one simulation share. */
final class World {
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    final Timeline timeline;
    final EventLog log;
    final Happenings happenings;
    final Dice dice;
    final Network network;
    final Scheduler scheduler;
    final Chance clients;
    final Names names;
    final ByteBuffer chunk = ByteBuffer.allocate(16 * 1024); // for whoever has its turn
    int randomClients; // of all crowds

    World(
            Timeline timeline,
            EventLog log,
            Happenings happenings,
            Dice dice,
            Network network,
            Scheduler scheduler,
            Chance clients) {
        this.timeline = timeline;
        this.log = log;
        this.happenings = happenings;
        this.dice = dice;
        this.network = network;
        this.scheduler = scheduler;
        this.clients = clients;
        this.names = new Names(timeline, log, network.latency);
    }

    /** A host by its literal address. */
    static InetAddress host(String literal) {
        try {
            if (LITERAL.matcher(literal).matches()) {
                return InetAddress.getByName(literal);
            }
        } catch (UnknownHostException e) {
            // said below
        }
        throw new IllegalArgumentException("host '" + literal + "' must be an IP address");
    }

    static InetSocketAddress target(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved() && inet.getPort() != 0) {
            return inet;
        }
        throw new IllegalArgumentException("address " + address + " must be an IP address with a port");
    }

    static long nanos(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " is negative");
        }
        return duration.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE : duration.toNanos();
    }
}
