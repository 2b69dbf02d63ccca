// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.Timed;
import dev.sluice.loop.Work;
import dev.sluice.outbound.AddressRace;
import dev.sluice.prelude.IpText;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/**
 * A connect to a host by its name: the name is looked up, and the addresses are raced. It is its own timer: of its deadline
 * while it waits for the addresses, then of the next one's turn; each attempt is cut at the deadline by its own. Loop thread
 * only, but for {@link #answer}.
 *
 * <p>The permit that the caller took is for the lookup and then for the first attempt; each further one takes its own.
 */
final class NamedConnect extends Timed implements Work {
    private enum Phase {
        /** Not begun, or waiting for the addresses. To RACING when they come, to OVER if they don't. */
        LOOKING_UP,
        /** One or more addresses are being tried. To OVER when one has connected, or all have failed. */
        RACING,
        /** The future is completed, or about to be. */
        OVER
    }

    private final Connector connector;
    private final Reader reader;
    private final FrameLevel<?> level;
    private final SocketAddress local; // may be null
    private final InetSocketAddress remote;
    private final Object attachment;
    private final ByteBuffer preface; // may be null
    private final CompletableFuture<Connection> result;

    private Phase phase = Phase.LOOKING_UP;
    private long beganNanos;
    private boolean asking; // the resolver is being asked
    private boolean beginning; // attempts are being begun
    private List<InetAddress> addresses;
    private AddressRace race;
    private final List<SocketConnection> running = new ArrayList<>(2);
    private final List<Failure> failures = new ArrayList<>(2);

    NamedConnect(
            Connector connector,
            Reader reader,
            FrameLevel<?> level,
            SocketAddress local,
            InetSocketAddress remote,
            Object attachment,
            ByteBuffer preface,
            CompletableFuture<Connection> result) {
        this.connector = connector;
        this.reader = reader;
        this.level = level;
        this.local = local;
        this.remote = remote;
        this.attachment = attachment;
        this.preface = preface;
        this.result = result;
    }

    /** The name, as it was given. */
    String host() {
        return remote.getHostString();
    }

    // ---- looking up

    @Override
    public void run() {
        beganNanos = reader.loop.now();
        if (isStopping()) {
            comesToNothing(stopping());
            return;
        }
        InetAddress literal = IpText.parse(remote.getHostString());
        if (literal != null) {
            answered(List.of(literal), null);
            return;
        }
        reader.waits(this);
        reader.loop.timers().arm(this, deadline());
        asking = true;
        try {
            connector.resolver().resolve(remote.getHostString()).whenComplete(this::answer);
        } catch (RuntimeException | Error e) {
            answered(null, e);
        } finally {
            asking = false;
        }
    }

    private long deadline() {
        return beganNanos + deadlines().connect().toNanos();
    }

    private Deadlines deadlines() {
        return reader.watch.deadlines;
    }

    /** Any thread, and perhaps in the middle of something else on the loop's. */
    private void answer(List<InetAddress> found, Throwable failure) {
        if (reader.loop.onLoop() && asking) {
            answered(found, failure);
        } else {
            reader.loop.post(new Answer(this, found, failure)); // a loop that has ended has failed this
        }
    }

    private record Answer(NamedConnect to, List<InetAddress> found, Throwable failure) implements Work {
        @Override
        public void run() {
            to.answered(found, failure);
        }

        @Override
        public void failed(Throwable cause) {
            to.failed(cause);
        }
    }

    private void answered(List<InetAddress> found, Throwable failure) {
        if (phase != Phase.LOOKING_UP) {
            return; // it was given up meanwhile
        }
        waitNoMore();
        Throwable why =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (why == null && (found == null || found.isEmpty())) {
            why = new UnknownHostException(remote.getHostString());
        } else if (why == null) {
            addresses = AddressRace.order(reachable(found));
            why = whyNotToBegin();
        }
        if (why != null) {
            comesToNothing(why);
            return;
        }
        phase = Phase.RACING;
        race = new AddressRace(addresses.size(), deadlines().nextAddress().toNanos());
        tryNext(); // without looking again whether anybody waits: the first attempt is who gives the permit back
    }

    private IOException whyNotToBegin() {
        if (isLate()) {
            return lookedUpTooLate();
        } else if (isStopping()) {
            return stopping();
        } else if (result.isDone()) {
            return new IOException("nobody waits for it any more");
        }
        return addresses.isEmpty()
                ? new IOException("it has no address that can be reached from " + Addresses.text(local))
                : null;
    }

    private IOException stopping() {
        return new Attempt.OfOurs(reader.loop.name() + " is stopping");
    }

    private boolean isLate() {
        return reader.loop.now() - deadline() >= 0;
    }

    private IOException lookedUpTooLate() {
        return new SocketTimeoutException("its name was not looked up within deadlines.connect of "
                + deadlines().connect());
    }

    private boolean isStopping() {
        return !reader.takes(level);
    }

    // From an address of one family none of the other can be reached.
    private List<InetAddress> reachable(List<InetAddress> found) {
        if (!(local instanceof InetSocketAddress from)
                || from.isUnresolved()
                || from.getAddress().isAnyLocalAddress()) {
            return found;
        }
        boolean four = from.getAddress() instanceof Inet4Address;
        return found.stream()
                .filter(address -> address instanceof Inet4Address == four)
                .toList();
    }

    private void waitNoMore() {
        reader.waitsNoMore(this);
        reader.loop.timers().disarm(this);
    }

    /** There is nothing to try. */
    private void comesToNothing(Throwable why) {
        phase = Phase.OVER;
        reader.notTaken(level, null);
        result.completeExceptionally(Attempt.failure(Addresses.text(remote) + ": " + Attempt.text(why), why));
    }

    // ---- racing

    @Override
    public void timeHasCome() {
        if (phase == Phase.LOOKING_UP) {
            reader.waitsNoMore(this);
            comesToNothing(lookedUpTooLate());
        } else {
            goOn();
        }
    }

    private void goOn() {
        if (beginning || phase != Phase.RACING) {
            return;
        }
        if (result.isDone()) {
            end(); // whoever asked has given up
            return;
        }
        if (isStopping() || isLate()) {
            race.end();
        }
        tryNext();
    }

    private void tryNext() {
        beginning = true;
        while (race.mayBegin(reader.loop.now())) {
            begin(race.begin(reader.loop.now()));
        }
        beginning = false;
        if (phase == Phase.RACING && race.isLost()) {
            phase = Phase.OVER;
            result.completeExceptionally(lost());
        } else if (phase == Phase.RACING && race.hasMore()) {
            reader.loop.timers().arm(this, race.nextAtNanos());
        }
    }

    private void begin(int index) {
        InetSocketAddress address = new InetSocketAddress(addresses.get(index), remote.getPort());
        if (index > 0 && !connector.takePermit(reader)) {
            failed(address, new IOException(connector.limitText()));
            return;
        }
        Attempt attempt = new Attempt(connector, reader, level, local, address, attachment, preface, result, this);
        try {
            attempt.run();
        } catch (Exception | Error e) {
            attempt.failed(e);
        }
    }

    /** That one is being tried. Its deadline runs since the lookup has begun. */
    void runs(SocketConnection c) {
        c.progressNanos = beganNanos;
        running.add(c);
    }

    /** Whether a connection that has connected is to be opened: the first that asks. The others end. */
    boolean wins(SocketConnection c) {
        if (phase != Phase.RACING) {
            return false;
        }
        running.remove(c);
        end();
        return true;
    }

    private void end() {
        phase = Phase.OVER;
        race.end();
        reader.loop.timers().disarm(this);
        running.forEach(c -> c.cut(CloseReason.ClosedHere::new));
    }

    private record Failure(String whereAndWhy, Throwable cause) {}

    /** Whether nobody has won yet, and it goes on. */
    boolean isRacing() {
        return phase == Phase.RACING;
    }

    /** The attempt at that address has come to nothing. */
    void failed(SocketAddress address, Throwable cause) {
        if (phase != Phase.RACING) {
            return;
        }
        running.removeIf(c -> c.state().isOver());
        failures.add(new Failure(Addresses.text(address) + ": " + Attempt.text(cause), cause));
        race.failed(reader.loop.now());
        goOn();
    }

    // Its cause is that of the address that failed first.
    private IOException lost() {
        Throwable cause = failures.get(0).cause();
        String all = failures.stream().map(Failure::whereAndWhy).collect(Collectors.joining("; "));
        String whereAndWhy = Addresses.text(remote) + ": " + all;
        if (failures.size() == 1) {
            return Attempt.failure(whereAndWhy, cause);
        }
        IOException lost = new IOException("cannot connect to " + whereAndWhy, Attempt.kind(cause));
        failures.forEach(failure -> lost.addSuppressed(Attempt.failure(failure.whereAndWhy(), failure.cause())));
        return lost;
    }

    // ---- ends of another kind

    /** The loop has ended, or this has a mistake. */
    @Override
    public void failed(Throwable cause) {
        if (phase == Phase.LOOKING_UP) {
            if (reader.loop.onLoop()) {
                waitNoMore();
            }
            comesToNothing(cause);
        } else if (phase == Phase.RACING) {
            end();
            result.completeExceptionally(Attempt.failure(Addresses.text(remote) + ": " + Attempt.text(cause), cause));
        }
    }
}
