// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Carries packets between the ends of connections, in virtual time. Within one direction nothing overtakes. */
final class Network {
    private static final long FIRST_RETRY_NANOS = 1_000_000_000;
    private static final int RETRIES = 6;
    private static final long CONNECT_TIMEOUT_NANOS = 127_000_000_000L;
    private static final long GIVE_UP_NANOS = 924_600_000_000L; // Linux's 15 retransmissions

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

    final Timeline timeline;
    final EventLog log;
    final Dice dice;
    final Ports ports = new Ports();
    final int bufferBytes;
    final LongSupplier latency; // 0: everything arrives at once
    private final List<Cut> cuts = new ArrayList<>();
    private final List<Parcel> stuck = new ArrayList<>();
    private int connections;
    private int openSockets;
    int descriptors = Integer.MAX_VALUE; // of each process

    Network(Timeline timeline, EventLog log, Dice dice, int bufferBytes, LongSupplier latency) {
        this.timeline = timeline;
        this.log = log;
        this.dice = dice;
        this.bufferBytes = bufferBytes;
        this.latency = latency;
    }

    /** Counts the sockets behind channels. */
    void opened(int change) {
        openSockets += change;
    }

    int openSockets() {
        return openSockets;
    }

    private record Cut(InetAddress one, InetAddress other) {
        boolean separates(Tcp tcp) {
            InetAddress from = tcp.local.getAddress();
            InetAddress to = tcp.remote.getAddress();
            return isBetween(from, to);
        }

        boolean isBetween(InetAddress from, InetAddress to) {
            return one.equals(from) && other.equals(to) || one.equals(to) && other.equals(from);
        }
    }

    /** Bytes of one end up to a position, or a reset, on their way to the other end. */
    private final class Parcel implements Runnable {
        private final Tcp from;
        private final long position; // -1 for a reset
        private final Event arrival = new Event(this);
        private Event givingUp; // while it is stuck

        Parcel(Tcp from, long position) {
            this.from = from;
            this.position = position;
        }

        @Override
        public void run() {
            if (position >= 0 && dice.hits(Fault.PARTITION)) {
                partitionForAWhile(from);
            }
            if (isCut(from)) {
                getStuck();
            } else if (position < 0) {
                from.peer.resetArrives();
            } else if (dice.hits(Fault.RESET)) {
                cutByFault(from);
            } else {
                from.peer.arrive(position);
            }
        }

        private void getStuck() {
            stuck.add(this);
            if (givingUp == null) {
                givingUp = new Event(this::giveUp);
                timeline.in(GIVE_UP_NANOS, givingUp);
            }
        }

        /** The way is free again: whoever was not heard repeats it, at longer and longer intervals. */
        private void repeat() {
            timeline.cancel(givingUp);
            givingUp = null;
            timeline.in(dice.chance().between(1000, FIRST_RETRY_NANOS), arrival);
        }

        private void giveUp() {
            stuck.remove(this);
            from.cutByFault = true;
            from.peer.cutByFault = true;
            from.timeOut();
        }
    }

    private void cutByFault(Tcp tcp) {
        tcp.cutByFault = true;
        tcp.peer.cutByFault = true;
        tcp.peer.resetArrives();
        tcp.resetArrives();
    }

    // ---- carrying

    /** Carries all that {@code from} has written, and its end, to its peer. */
    void carry(Tcp from) {
        send(from, new Parcel(from, from.outPosition()), travelTime());
    }

    /** The peer of {@code from} has room again for what was carried there before. */
    void carryAgain(Tcp from) {
        send(from, new Parcel(from, from.outPosition()), latency.getAsLong());
    }

    void carryReset(Tcp from) {
        send(from, new Parcel(from, -1), latency.getAsLong());
    }

    private void send(Tcp from, Parcel parcel, long nanos) {
        if (nanos == 0) {
            parcel.run();
            return;
        }
        Stream way = from.out();
        way.lastDue = Math.max(way.lastDue, timeline.now() + nanos);
        timeline.at(way.lastDue, parcel.arrival);
    }

    private long travelTime() {
        long nanos = latency.getAsLong();
        if (dice.hits(Fault.DELAY)) {
            nanos += dice.chance().between(1_000_000, 200_000_000);
        }
        if (dice.hits(Fault.REORDER)) {
            nanos += dice.chance().between(1000, 1_000_000);
        }
        return nanos;
    }

    private void after(long nanos, Runnable action) {
        if (nanos == 0) {
            action.run();
        } else {
            timeline.in(nanos, action);
        }
    }

    // ---- partitions

    void cut(InetAddress one, InetAddress other) {
        log.begin("cut ").append(one.getHostAddress()).append(' ').append(other.getHostAddress());
        log.end();
        cuts.add(new Cut(one, other));
    }

    void heal(InetAddress one, InetAddress other) {
        log.begin("heal ").append(one.getHostAddress()).append(' ').append(other.getHostAddress());
        log.end();
        for (int i = 0; i < cuts.size(); i++) {
            if (cuts.get(i).isBetween(one, other)) {
                cuts.remove(i); // one of them: there may be others, each with its own end
                break;
            }
        }
        for (Parcel parcel : List.copyOf(stuck)) {
            if (!isCut(parcel.from)) {
                stuck.remove(parcel);
                parcel.repeat();
            }
        }
    }

    private void partitionForAWhile(Tcp tcp) {
        InetAddress one = tcp.local.getAddress();
        InetAddress other = tcp.remote.getAddress();
        cut(one, other);
        timeline.in(dice.chance().between(1_000_000, 5_000_000_000L), () -> heal(one, other));
    }

    private boolean isCut(Tcp tcp) {
        for (int i = 0; i < cuts.size(); i++) {
            if (cuts.get(i).separates(tcp)) {
                return true;
            }
        }
        return false;
    }

    // ---- connecting

    /** Begins to connect. The address is checked by the caller. */
    void connect(Tcp client, InetSocketAddress to) throws IOException {
        InetSocketAddress target =
                to.getAddress().isAnyLocalAddress() ? new InetSocketAddress(LOOPBACK.getAddress(), to.getPort()) : to;
        InetSocketAddress bound = client.local;
        InetAddress from = bound == null || bound.getAddress().isAnyLocalAddress()
                ? sourceFor(client, target)
                : bound.getAddress();
        client.local = ports.take(from, bound == null ? 0 : bound.getPort(), target);
        client.remote = target;
        client.name = "c" + connections++;
        client.connecting();
        StringBuilder line = log.begin("connect ").append(client.name);
        line.append(' ').append(text(client.local)).append(' ').append(text(target));
        log.end();
        if (dice.hits(Fault.CONNECT_REFUSED)) {
            client.cutByFault = true;
            after(latency.getAsLong(), client::resetArrives);
        } else if (dice.hits(Fault.CONNECT_TIMEOUT)) {
            client.cutByFault = true;
            timeline.in(CONNECT_TIMEOUT_NANOS, client::timeOut);
        } else {
            long delay = dice.hits(Fault.CONNECT_DELAY) ? dice.chance().between(1, 3_000_000_000L) : 0;
            after(latency.getAsLong() + delay, () -> firstPacket(client, 0));
        }
    }

    private static InetAddress sourceFor(Tcp client, InetSocketAddress target) {
        return target.getAddress().isLoopbackAddress()
                ? LOOPBACK.getAddress()
                : client.host.isLoopbackAddress() ? target.getAddress() : client.host;
    }

    private void firstPacket(Tcp client, int retries) {
        if (client.isHungUp()) {
            return;
        }
        Listening listening = ports.listening(client.remote, client.local);
        if (isCut(client)) {
            client.cutByFault = true;
            retry(client, retries);
        } else if (listening != null && listening.isFull()) {
            retry(client, retries);
        } else if (listening == null) {
            after(latency.getAsLong(), client::resetArrives);
        } else {
            answer(client, listening);
        }
    }

    private void retry(Tcp client, int retries) {
        log.begin("lost ").append(client.name);
        log.end();
        long nanos = FIRST_RETRY_NANOS << retries;
        if (retries == RETRIES) {
            timeline.in(nanos, client::timeOut);
        } else {
            timeline.in(nanos, () -> firstPacket(client, retries + 1));
        }
    }

    private void answer(Tcp client, Listening listening) {
        Tcp server = new Tcp(this, client.remote.getAddress());
        server.name = "s" + client.name.substring(1);
        server.local = client.remote;
        server.remote = client.local;
        server.receiveBytes = listening.receiveBytes;
        server.connecting();
        server.link(client);
        server.established();
        listening.begin(server);
        after(latency.getAsLong(), () -> {
            if (!client.isHungUp()) {
                client.established();
                after(latency.getAsLong(), () -> server.arrive(0));
            }
        });
    }

    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
