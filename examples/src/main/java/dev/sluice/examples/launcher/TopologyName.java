// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Topology;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The topologies by the names that the command line knows them by. */
public enum TopologyName {
    /** One loop does everything. */
    SINGLE("single", readers -> Topology.singleThread()),
    /** One loop accepts, others read. */
    ACCEPTOR_READERS("acceptor-readers", Topology::acceptorAndReaders),
    /** All loops accept from one socket. */
    SHARED_LISTENER("shared-listener", Topology::sharedListener),
    /** Each loop accepts from a socket of its own. */
    REUSE_PORT("reuse-port", Topology::reusePort),
    /** As acceptor-readers, with handlers on a pool of threads. */
    WORKERS("workers", readers -> Topology.workers(readers, workers()));

    private final String label;
    private final IntFunction<Topology> topology;

    TopologyName(String label, IntFunction<Topology> topology) {
        this.label = label;
        this.topology = topology;
    }

    /** The topology with so many readers, which {@link #SINGLE} doesn't need to know. */
    public Topology topology(int readers) {
        return topology.apply(readers);
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return label;
    }

    /** Finds a topology by its name. */
    static final class Converter implements ITypeConverter<TopologyName> {
        @Override
        public TopologyName convert(String label) {
            return Arrays.stream(values())
                    .filter(name -> name.label.equals(label))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(label + " is none of " + Arrays.toString(values())));
        }
    }

    // A fixed pool, so that every JDK runs the same. Its threads are daemons: a server that has stopped leaves nothing
    // behind that keeps the process alive.
    private static ExecutorService workers() {
        AtomicInteger next = new AtomicInteger();
        return Executors.newFixedThreadPool(2 * Runtime.getRuntime().availableProcessors(), task -> {
            Thread thread = new Thread(task, "sluice-worker-" + next.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }
}
