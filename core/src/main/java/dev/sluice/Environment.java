// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.outbound.NameCache;
import dev.sluice.outbound.Resolver;
import java.nio.channels.spi.SelectorProvider;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a server would otherwise take from the machine: clock, sockets, threads, randomness, names. All of it is given, so that
 * tests can put something else in its place. Most servers use {@link #system()}.
 *
 * @param nanoClock a clock that never runs backwards, in nanoseconds from any start; called by every loop
 * @param selectorProvider where selectors and channels come from
 * @param threadFactory makes one thread per loop; it decides on daemon state and priority, the server names the thread
 * @param random for reader choice; called once, at start, for each accepting loop's own generator
 * @param resolver asked by connectors for the addresses of hosts, once for each connect to a name; called on their loops
 */
public record Environment(
        LongSupplier nanoClock,
        SelectorProvider selectorProvider,
        ThreadFactory threadFactory,
        RandomGenerator random,
        Resolver resolver) {

    /** Checks that nothing is missing. */
    public Environment {
        Check.present("environment.nanoClock", nanoClock);
        Check.present("environment.selectorProvider", selectorProvider);
        Check.present("environment.threadFactory", threadFactory);
        Check.present("environment.random", random);
        Check.present("environment.resolver", resolver);
    }

    /**
     * The machine's clock and sockets, non-daemon threads, a random seed, and a {@link NameCache} of its own before the machine's
     * resolver. That blocks, so up to 8 daemon threads ask it; they are made when they are needed, and end when they were not
     * for 10 seconds.
     */
    public static Environment system() {
        return new Environment(
                System::nanoTime,
                SelectorProvider.provider(),
                Thread::new,
                new SplittableRandom(),
                NameCache.of(new SystemResolver(), System::nanoTime));
    }

    /** The same with another clock. */
    public Environment withNanoClock(LongSupplier clock) {
        return new Environment(clock, selectorProvider, threadFactory, random, resolver);
    }

    /** The same with another provider of selectors and channels. */
    public Environment withSelectorProvider(SelectorProvider provider) {
        return new Environment(nanoClock, provider, threadFactory, random, resolver);
    }

    /** The same with another factory of threads. */
    public Environment withThreadFactory(ThreadFactory factory) {
        return new Environment(nanoClock, selectorProvider, factory, random, resolver);
    }

    /** The same with another source of randomness. */
    public Environment withRandom(RandomGenerator generator) {
        return new Environment(nanoClock, selectorProvider, threadFactory, generator, resolver);
    }

    /**
     * The same with another resolver. It is asked for each connect to a name, so put a {@link NameCache} before one that doesn't
     * remember.
     */
    public Environment withResolver(Resolver newResolver) {
        return new Environment(nanoClock, selectorProvider, threadFactory, random, newResolver);
    }
}
