// SPDX-License-Identifier: Apache-2.0
/**
 * Servers in a simulated network: the unmodified server on one thread, sockets made of memory, a virtual clock, faults,
 * and a seed that repeats whatever happened. For those who test a server of their own, with any test framework.
 *
 * <p>A {@link dev.sluice.sim.Simulation} gives a server its {@link dev.sluice.sim.Simulation#environment environment},
 * and has {@linkplain dev.sluice.sim.Client clients that follow a script} and
 * {@linkplain dev.sluice.sim.RandomClients clients that talk at random}. What goes wrong is named by
 * {@link dev.sluice.sim.Fault}, and happens by probability ({@link dev.sluice.sim.Faults}), by force, or by script:
 *
 * <pre>{@code
 * Simulation sim = Simulation.seed(42).faults(Faults.mixed()).build();
 * Server server = Server.builder()
 *         .environment(sim.environment())
 *         .topology(Topology.workers(2, sim.executor()))
 *         .listen(Endpoint.tcp("10.0.0.1", 7000), protocol)
 *         .start();
 * sim.randomClients(100, server.address(), Conversation.echoedLines(80)).requests(100);
 * sim.after(Duration.ofSeconds(3), () -> sim.partition("10.0.0.1", "10.1.0.5"));
 * sim.after(Duration.ofSeconds(9), () -> sim.heal("10.0.0.1", "10.1.0.5"));
 * sim.runClients(Duration.ofHours(1));
 * server.stop(Duration.ofSeconds(5));
 * sim.runUntilStopped(Duration.ofMinutes(1));
 * }</pre>
 *
 * <p>The channels and selectors behave as the JDK's do on Linux: a suite of more than 160 cases runs against both and
 * must agree. Only TCP, and only channels in non-blocking mode, are simulated. Any IP address can be listened on and
 * connected from; there are no names. A connect, a delivery, a wake-up are events; loops, workers' tasks, clients and
 * what the network delivers take turns in an order drawn from the seed; bytes of one direction of a connection never
 * overtake each other.
 *
 * <p>The same seed gives the same events on every run and JDK, which {@link dev.sluice.sim.Simulation#fingerprint} shows,
 * as long as the server itself takes time and randomness from its environment only.
 */
package dev.sluice.sim;
