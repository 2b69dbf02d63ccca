// SPDX-License-Identifier: Apache-2.0
/**
 * Benchmarks of Sluice beside its peers.
 *
 * <pre>{@code
 * mvn -B -q -DskipTests package
 * java -jar jmh/target/benchmarks.jar -l                                        # what there is
 * java -jar jmh/target/benchmarks.jar Framer                                    # nanoseconds per frame
 * java -jar jmh/target/benchmarks.jar Framer -p frameBytes=256 -prof gc         # and bytes allocated per frame
 * java -jar jmh/target/benchmarks.jar EchoBenchmark                             # microseconds per echo
 * java -jar jmh/target/benchmarks.jar EchoBenchmark -p connections=64 -rf json  # some of them, as a file
 * java -jar jmh/target/benchmarks.jar Accept                                    # microseconds per short connection
 * java -jar jmh/target/benchmarks.jar Resp                                      # nanoseconds per request of Redis
 * java -jar jmh/target/benchmarks.jar HttpBenchmark -prof gc                    # and per request of HTTP
 * java -jar jmh/target/benchmarks.jar HandshakeBenchmark                        # microseconds per handshake of TLS
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.KvCost examples/target/sluice-examples.jar
 *                                                                               # kv beside redis-server
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.web.WebCost examples/target/sluice-examples.jar
 *                                                                               # http and files beside and behind nginx
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.inside.InsideCost           # TLS from a balancer to backends
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.web.InsideNginx examples/target/sluice-examples.jar
 *                                                                               # the same through nginx
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.IdleCost sluice 2000        # heap per idle connection
 * java -Xmx1536m -cp jmh/target/benchmarks.jar dev.sluice.jmh.scale.Scale       # a million connections, simulated
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.scale.Throughput            # how fast the simulation is
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.pressure.NeverRead 9500 7   # peers that send and never read
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.pressure.Descriptors        # out of descriptors
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.suite.Suite                 # all, beside the peers, as a page
 * }</pre>
 *
 * <p>The bounds checks of Netty are left on and its leak sampling at its default, as its users have them.
 */
package dev.sluice.jmh;
