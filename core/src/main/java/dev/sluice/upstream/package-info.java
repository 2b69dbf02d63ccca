// SPDX-License-Identifier: Apache-2.0
/**
 * Groups of servers that a proxy or client connects to: which one is next, and which is not to be used for a while.
 *
 * <p>An {@link dev.sluice.upstream.Upstream} is a list of {@link dev.sluice.upstream.Backend}s, a
 * {@link dev.sluice.upstream.Balancer} and a {@link dev.sluice.upstream.Health}. Each connection begins with a pick and says
 * what came of it:
 *
 * <pre>{@code
 * Upstream web = Upstream.builder("web")
 *         .backends(List.of(
 *                 Backend.of("a", new InetSocketAddress("10.0.0.1", 8080)),
 *                 Backend.of("b", new InetSocketAddress("10.0.0.2", 8080)).withWeight(2)))
 *         .balancer(Balancer.FEWEST_CONNECTIONS)
 *         .slowStart(Duration.ofSeconds(30))
 *         .build();
 *
 * void connect(Lease tried) {
 *     Pick pick = web.pick(client.remoteAddress(), tried);
 *     if (pick instanceof Lease lease) {
 *         connector.connect(lease.backend().address()).whenComplete((connection, failure) -> {
 *             if (failure != null) {
 *                 lease.connectFailed(failure);
 *                 connect(lease); // another one: this and those before it are not tried again
 *             } else {
 *                 lease.connected(); // then answered() at its first bytes, and ended() or failed(..) at its end
 *             }
 *         });
 *     } else {
 *         refuse(client, (NoBackend) pick); // EMPTY, ALL_DOWN, AT_LIMIT or ALL_TRIED
 *     }
 * }
 *
 * web.backends(newList); // while running: what is in both lists keeps its state, and no connection is touched
 * }</pre>
 */
package dev.sluice.upstream;
