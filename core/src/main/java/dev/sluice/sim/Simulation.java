// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import dev.sluice.Environment;
import dev.sluice.loop.Loop;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A network made of memory, under a virtual clock, on one thread: servers run in it unchanged, and a seed repeats whatever
 * happened.
 *
 * <pre>{@code
 * Simulation sim = Simulation.seed(42).faults(Faults.none().with(Fault.SHORT_READ, 0.2)).build();
 * Server server = Server.builder()
 *         .environment(sim.environment())
 *         .topology(Topology.acceptorAndReaders(2)) // the default depends on the machine
 *         .listen(Endpoint.tcp("10.0.0.1", 7000), protocol)
 *         .start();
 * sim.client("10.0.1.7").connect(server.address()).send("hello\n").expect("hello\n").close();
 * sim.randomClients(100, server.address(), Conversation.echoedLines(80)).requests(1000);
 * sim.runClients(Duration.ofHours(1)); // virtual
 * }</pre>
 *
 * <p><b>Time</b> passes only when nobody can do anything; then it jumps to the next thing that is to happen. So an hour
 * without traffic takes no longer than a second of it.
 *
 * <p><b>Failures</b> are {@code AssertionError}s out of the methods that run: a client's expectation, an {@link Invariant},
 * a script that throws, a loop that sleeps though it has work, somebody who spins. (What a handler throws ends its
 * connection, as ever, and is found in {@code Server.closed}.) They tell seed, faults, the last events, and how to repeat
 * the run.
 *
 * <p><b>Not for</b> measuring speed, and not for code that starts threads, blocks, or asks the machine for time or
 * randomness: such a run can't be repeated. Nothing here may be used by another thread than the one that runs it.
 */
public final class Simulation {
    private static final String SERVER_HOST = "10.0.0.1";

    private final Builder settings;
    final World world; // for clients of another kind, in tests
    private final Chance order;
    private final SplittableRandom environments;
    private final long clockStart;
    private final List<Client> clients = new ArrayList<>();
    private final List<RandomClients> crowds = new ArrayList<>();

    private Simulation(Builder settings, Happenings happenings, Consumer<String> sink) {
        this.settings = settings.copy();
        SplittableRandom root = new SplittableRandom(settings.seed);
        Timeline timeline = new Timeline();
        EventLog log = new EventLog(timeline, settings.keptEvents, sink);
        Dice dice = new Dice(new Chance(root.split()), log, happenings, settings.faults);
        Chance ways = new Chance(root.split());
        Network network = new Network(
                timeline,
                log,
                dice,
                settings.bufferBytes,
                () -> ways.between(settings.shortestNanos, settings.longestNanos));
        Scheduler scheduler = new Scheduler(timeline, new Chance(root.split()), dice, network::openSockets);
        this.world = new World(timeline, log, happenings, dice, network, scheduler, new Chance(root.split()));
        this.order = new Chance(root.split());
        this.environments = root.split();
        this.clockStart = root.nextLong(); // a clock may start anywhere
    }

    /** Begins the configuration of a simulation. Everything in it that is random is drawn from the seed. */
    public static Builder seed(long seed) {
        return new Builder(seed);
    }

    // ---- what a server gets

    /** Clock, sockets, threads and randomness for a server on the host 10.0.0.1. */
    public Environment environment() {
        return environment(SERVER_HOST);
    }

    /**
     * The same on another host. The host is the source of connects that aren't bound to an address; what is bound or
     * listened on is not checked against it.
     *
     * @param host an IP address
     */
    public Environment environment(String host) {
        SimProvider provider =
                new SimProvider(world.network, World.host(host), world.scheduler::sleep, new Chance(order.split()));
        return new Environment(
                () -> clockStart + world.timeline.now(),
                provider,
                this::captured,
                environments.split(),
                world.names::resolve);
    }

    /**
     * Gives a host a name, or other addresses to a name, for connectors in all environments. A lookup takes as long as bytes
     * travel there and back; who wants a cache puts a {@link dev.sluice.outbound.NameCache} before the environment's resolver.
     *
     * @param host its name; upper and lower case are different
     * @param addresses IP addresses, the preferred one first; none: there is no such host any more
     */
    public void name(String host, String... addresses) {
        world.names.put(Objects.requireNonNull(host, "host"), addresses);
    }

    private Thread captured(Runnable task) {
        if (!(task instanceof Loop loop)) {
            throw new IllegalArgumentException("the simulation runs loops of servers and connectors only, not "
                    + task.getClass().getName());
        }
        return new LoopThread(new LoopActor(world.scheduler, world.network, loop));
    }

    /** Never runs: starting it gives the loop to the scheduler. Who joins it doesn't wait. */
    private static final class LoopThread extends Thread {
        private final LoopActor loop;

        LoopThread(LoopActor loop) {
            this.loop = loop;
        }

        @Override
        public void start() {
            loop.start();
        }
    }

    /** Workers for {@code Topology.workers}: each task is run once, at a moment drawn from the seed. */
    public Executor executor() {
        return task -> {
            Objects.requireNonNull(task, "task");
            Actor worker = new Actor("worker", () -> {
                world.log.add("work");
                task.run();
            });
            if (world.dice.hits(Fault.SLOW_WORKER)) {
                world.timeline.in(world.dice.chance().between(1, 1_000_000_000), () -> world.scheduler.wake(worker));
            } else {
                world.scheduler.wake(worker);
            }
        };
    }

    // ---- clients

    /**
     * Adds a client that follows a script.
     *
     * @param host the IP address that it connects from
     */
    public Client client(String host) {
        Client client = new Client(world, host);
        clients.add(client);
        return client;
    }

    /** Adds clients that talk at random, from 31 hosts: 10.1.0.1 to 10.1.0.31. */
    public RandomClients randomClients(int number, SocketAddress server, Conversation conversation) {
        RandomClients crowd =
                new RandomClients(world, number, server, Objects.requireNonNull(conversation, "conversation"));
        crowds.add(crowd);
        crowd.start();
        return crowd;
    }

    // ---- what goes wrong

    /** Changes how probable faults are from now on. */
    public void faults(Faults faults) {
        world.dice.change(Objects.requireNonNull(faults, "faults"));
    }

    /** Makes a fault happen at the next opportunities. */
    public void force(Fault fault, int times) {
        if (times < 1) {
            throw new IllegalArgumentException("times: " + times + " is not 1 or more");
        }
        world.dice.force(Objects.requireNonNull(fault, "fault"), times);
    }

    /** From now on nothing gets from one host to the other, in either direction. TCP repeats it for 15 minutes. */
    public void partition(String oneHost, String otherHost) {
        world.network.cut(World.host(oneHost), World.host(otherHost));
    }

    /** Ends {@link #partition}: what was under way gets through, a little later. */
    public void heal(String oneHost, String otherHost) {
        world.network.heal(World.host(oneHost), World.host(otherHost));
    }

    /**
     * From now on each process has so many descriptors: with that many sockets open, accepting and opening fail as they do
     * on Linux. Every {@link #environment} is a process; selectors take no descriptor here. Sockets that are open stay.
     *
     * @param each 0 or more; by default there is no limit
     */
    public void descriptors(int each) {
        if (each < 0) {
            throw new IllegalArgumentException("descriptors: " + each + " is not 0 or more");
        }
        world.network.descriptors = each;
    }

    /** Does something at a later time: the place for a script of faults. */
    public void after(Duration time, Runnable action) {
        Objects.requireNonNull(action, "action");
        world.timeline.in(World.nanos("time", time), () -> {
            world.log.add("script");
            action.run();
        });
    }

    /** Adds what must hold after each turn. */
    public void check(Invariant invariant) {
        world.scheduler.add(Objects.requireNonNull(invariant, "invariant"));
    }

    // ---- running

    /** Runs for so long of virtual time; longer if a {@link Fault#CLOCK_JUMP} takes it past the end. */
    public void run(Duration time) {
        long end = later(time);
        reporting(() -> {
            while (world.scheduler.step(end)) {
                // one turn after the other
            }
            world.timeline.advanceTo(end);
        });
    }

    /**
     * Runs until something is so.
     *
     * @param what what is awaited, in words
     * @param limit of virtual time, after which it is a failure that it isn't so
     */
    public void runUntil(String what, BooleanSupplier condition, Duration limit) {
        long end = later(limit);
        reporting(() -> {
            while (!condition.getAsBoolean()) {
                if (!world.scheduler.step(end)) {
                    throw new AssertionError("waited " + limit + " in vain until " + what);
                }
            }
        });
    }

    /** Runs until all clients are done, for at most so long of virtual time. */
    public void runClients(Duration limit) {
        runUntil("all clients are done", this::clientsAreDone, limit);
    }

    /**
     * Runs until every loop has ended, for at most so long of virtual time. In a simulation {@code Server.stop} only
     * begins to stop: call this behind it.
     */
    public void runUntilStopped(Duration limit) {
        runUntil("all loops have ended", () -> world.scheduler.loops() == 0, limit);
    }

    private boolean clientsAreDone() {
        for (Client client : clients) {
            if (!client.isDone()) {
                return false;
            }
        }
        for (RandomClients crowd : crowds) {
            if (!crowd.isDone()) {
                return false;
            }
        }
        return true;
    }

    private long later(Duration time) {
        long nanos = World.nanos("time", time);
        long now = world.timeline.now();
        return nanos >= Long.MAX_VALUE - 1 - now ? Long.MAX_VALUE - 1 : now + nanos;
    }

    private void reporting(Runnable body) {
        if (world.scheduler.isRunning()) {
            throw new IllegalStateException("the simulation is running already; only whoever made it can run it");
        }
        try {
            world.scheduler.run(body);
        } catch (AssertionError e) {
            throw new Reported(this, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            throw new Reported(this, e.toString(), e);
        }
    }

    /** A failure with the report about it. */
    private static final class Reported extends AssertionError {
        private static final long serialVersionUID = 1;

        private final String what;

        Reported(Simulation sim, String what, Throwable cause) {
            super(sim.report(what), cause);
            this.what = what;
        }

        Shrinker.Failed asFailed(Simulation sim) {
            return new Shrinker.Failed(what, sim.fingerprint(), sim.world.happenings.seen(), getMessage(), getCause());
        }
    }

    private String report(String what) {
        StringBuilder report = new StringBuilder(what);
        report.append("\n  seed ").append(settings.seed);
        report.append(", after ")
                .append(now())
                .append(" of virtual time and ")
                .append(turns())
                .append(" turns");
        report.append("\n  the last events, in microseconds:");
        lastEvents().forEach(line -> report.append("\n    ").append(line));
        return report.append("\n  repeat with: ").append(settings.repeat()).toString();
    }

    // ---- what happened

    /** Virtual time since the beginning. */
    public Duration now() {
        return Duration.ofNanos(world.timeline.now());
    }

    /** How many turns were taken. */
    public long turns() {
        return world.scheduler.turns();
    }

    /** How often a fault has happened. */
    public long happened(Fault fault) {
        return world.dice.happened(fault);
    }

    /** How many sockets are open that servers and connectors have opened or accepted. */
    public int openSockets() {
        return world.network.openSockets();
    }

    /** How many events were logged. */
    public long events() {
        return world.log.lines();
    }

    /** The last events, one a line: microseconds of virtual time, and what happened. */
    public List<String> lastEvents() {
        return world.log.last();
    }

    /** A hash over all events: equal for two runs in which the same happened. */
    public String fingerprint() {
        return String.format("%016x", world.log.fingerprint());
    }

    /** What a simulation is made from. */
    public static final class Builder {
        private final long seed;
        private Faults faults = Faults.none();
        private long shortestNanos = 20_000;
        private long longestNanos = 200_000;
        private int bufferBytes = 64 * 1024;
        private int keptEvents = 50;
        private Consumer<String> sink;
        private String command;

        private Builder(long seed) {
            this.seed = seed;
        }

        /** How probable faults are; by default there are none. */
        public Builder faults(Faults newFaults) {
            faults = Objects.requireNonNull(newFaults, "faults");
            return this;
        }

        /** How long bytes travel, 1 microsecond or more; by default 20 to 200 microseconds. */
        public Builder latency(Duration shortest, Duration longest) {
            if (shortest.compareTo(Duration.ofNanos(1000)) < 0 || longest.compareTo(shortest) < 0) {
                throw new IllegalArgumentException("latency: " + shortest + " to " + longest
                        + " is not within 1 microsecond and more, the shorter one first");
            }
            shortestNanos = World.nanos("latency", shortest);
            longestNanos = World.nanos("latency", longest);
            return this;
        }

        /** Bytes that the sender's and the receiver's side of a socket each hold, 1 or more; by default 64 KiB. */
        public Builder bufferBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("bufferBytes: " + bytes + " is not 1 or more");
            }
            bufferBytes = bytes;
            return this;
        }

        /** How many of the last events are kept, 0 or more; by default 50. */
        public Builder keepEvents(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("keepEvents: " + number + " is not 0 or more");
            }
            keptEvents = number;
            return this;
        }

        /** Gets every event as it happens, a line each; with {@link #run} those of the first run only. */
        public Builder eventsTo(Consumer<String> newSink) {
            sink = newSink;
            return this;
        }

        /** The command that repeats a run, for reports of failures; {@code {seed}} in it is replaced by the seed. */
        public Builder repeatWith(String newCommand) {
            command = newCommand;
            return this;
        }

        /** Makes the simulation. */
        public Simulation build() {
            return new Simulation(this, Happenings.all(), sink);
        }

        /**
         * Makes the simulation and runs a scenario in it. If that fails, it is run again and again with fewer faults and
         * fewer requests of fewer random clients, to find a smaller run that fails in the same way.
         *
         * @throws AssertionError the report of the smallest run that was found, and what it takes
         */
        public void run(Scenario scenario) {
            Objects.requireNonNull(scenario, "scenario");
            Shrinker.Failed failed = attempt(scenario, Happenings.all(), sink);
            if (failed != null) {
                throw Shrinker.shrink(happenings -> attempt(scenario, happenings, null), failed);
            }
        }

        private Shrinker.Failed attempt(Scenario scenario, Happenings happenings, Consumer<String> events) {
            Simulation sim = new Simulation(this, happenings, events);
            try {
                scenario.run(sim);
                return null;
            } catch (Reported e) {
                return e.asFailed(sim);
            } catch (AssertionError e) {
                return new Reported(sim, String.valueOf(e.getMessage()), e).asFailed(sim);
            } catch (Exception | Error e) {
                return new Reported(sim, e.toString(), e).asFailed(sim);
            }
        }

        private String repeat() {
            return command != null
                    ? command.replace("{seed}", Long.toString(seed))
                    : "Simulation.seed(" + seed + "L).faults(Faults.parse(\"" + faults
                            + "\")).latency(Duration.ofNanos("
                            + shortestNanos + "), Duration.ofNanos(" + longestNanos + ")).bufferBytes(" + bufferBytes
                            + ")";
        }

        // What is changed in a builder later is not for the simulations that it has made before.
        private Builder copy() {
            Builder copy = new Builder(seed);
            copy.faults = faults;
            copy.shortestNanos = shortestNanos;
            copy.longestNanos = longestNanos;
            copy.bufferBytes = bufferBytes;
            copy.keptEvents = keptEvents;
            copy.command = command;
            return copy;
        }
    }
}
