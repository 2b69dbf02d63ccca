// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.Environment;
import dev.sluice.upstream.Backend;
import dev.sluice.upstream.BackendState;
import dev.sluice.upstream.Balancer;
import dev.sluice.upstream.Lease;
import dev.sluice.upstream.Upstream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * No benchmark but the tables of {@code docs/balancing.md}: how even each balancer is, how many keys it moves, and what a pick takes.
 * No sockets; all but the times is the same in each run.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.BalancerTable
 * }</pre>
 */
public final class BalancerTable {
    private static final int BACKENDS = 10;
    private static final int KEYS = 100_000;
    private static final int CONNECTIONS = 200_000;
    private static final double MEAN_LIFE = 1000; // in arrivals, so that there are about as many connections at a time

    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private BalancerTable() {}

    /** One connection that will end. */
    private record Ending(double at, int backend, Lease lease) {}

    /** No arguments. */
    public static void main(String[] args) {
        System.out.println("busiest / mean     ended at once   held, equal   held, weights 1 to 10   held, 4 proxies");
        for (Balancer balancer : Balancer.values()) {
            System.out.printf(
                    "%-18s %13.3f %13.3f %23.3f %17.3f%n",
                    balancer,
                    endedAtOnce(balancer),
                    held(balancer, 1, i -> 1),
                    held(balancer, 1, i -> i + 1),
                    held(balancer, 4, i -> 1));
        }
        System.out.println(
                "\nkeys moved         one goes, of 10   one comes, to 10   one is down   reweighted   busiest / mean");
        for (Balancer balancer : List.of(Balancer.SOURCE_HASH, Balancer.MAGLEV)) {
            keys(balancer);
        }
        System.out.println("\nns of CPU, pick to end        10        100      1,000 backends");
        for (Balancer balancer : Balancer.values()) {
            System.out.printf(
                    "%-18s %8.0f %10.0f %10.0f%n",
                    balancer, nanos(balancer, 10), nanos(balancer, 100), nanos(balancer, 1000));
        }
        System.out.println();
        for (int backends : new int[] {10, 500, 1000}) {
            System.out.printf("Maglev's table for %,d backends: %.1f ms%n", backends, buildMillis(backends));
        }
    }

    private static Backend backend(int i, int weight) {
        return Backend.of("backend-" + i, new InetSocketAddress("127.0.0.1", 1 + i))
                .withWeight(weight);
    }

    private static List<Backend> backends(int number, IntUnaryOperator weight) {
        List<Backend> list = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            list.add(backend(i, weight.applyAsInt(i)));
        }
        return list;
    }

    private static Upstream upstream(Balancer balancer, List<Backend> backends, long seed) {
        return Upstream.builder("table")
                .backends(backends)
                .balancer(balancer)
                .environment(Environment.system().withRandom(new SplittableRandom(seed)))
                .build();
    }

    private static int pick(Upstream upstream, long key, Lease[] out) {
        Lease lease = (Lease) upstream.pick(key);
        out[0] = lease;
        return ((InetSocketAddress) lease.backend().address()).getPort() - 1;
    }

    /** Each client comes once, and its connection ends before the next one's begins. */
    private static double endedAtOnce(Balancer balancer) {
        SplittableRandom random = new SplittableRandom(1);
        Upstream upstream = upstream(balancer, backends(BACKENDS, i -> 1), 2);
        int[] picked = new int[BACKENDS];
        Lease[] lease = new Lease[1];
        for (int i = 0; i < KEYS; i++) {
            picked[pick(upstream, random.nextLong(), lease)]++;
            lease[0].ended();
        }
        return busiest(picked, i -> 1);
    }

    /** Connections live for times of a Pareto distribution with exponent 1.5: most of them short, few very long. */
    private static double held(Balancer balancer, int proxies, IntUnaryOperator weight) {
        SplittableRandom random = new SplittableRandom(3);
        Upstream[] upstreams = new Upstream[proxies];
        for (int i = 0; i < proxies; i++) {
            upstreams[i] = upstream(balancer, backends(BACKENDS, weight), 4 + i);
        }
        PriorityQueue<Ending> endings = new PriorityQueue<>((a, b) -> Double.compare(a.at, b.at));
        int[] active = new int[BACKENDS];
        Lease[] lease = new Lease[1];
        double sum = 0;
        int samples = 0;
        for (int now = 0; now < CONNECTIONS; now++) {
            while (!endings.isEmpty() && endings.peek().at <= now) {
                Ending ending = endings.poll();
                active[ending.backend]--;
                ending.lease.ended();
            }
            int backend = pick(upstreams[random.nextInt(proxies)], random.nextLong(), lease);
            active[backend]++;
            double life = MEAN_LIFE / 3 * Math.pow(1 - random.nextDouble(), -1 / 1.5);
            endings.add(new Ending(now + life, backend, lease[0]));
            if (now > CONNECTIONS / 2 && now % 100 == 0) {
                sum += busiest(active, weight);
                samples++;
            }
        }
        return sum / samples;
    }

    private static double busiest(int[] load, IntUnaryOperator weight) {
        double most = 0;
        double all = 0;
        double weights = 0;
        for (int i = 0; i < load.length; i++) {
            most = Math.max(most, (double) load[i] / weight.applyAsInt(i));
            all += load[i];
            weights += weight.applyAsInt(i);
        }
        return most / (all / weights);
    }

    private static void keys(Balancer balancer) {
        List<Backend> ten = backends(BACKENDS, i -> 1);
        List<Backend> nine = new ArrayList<>(ten);
        nine.remove(4);
        List<Backend> eleven = new ArrayList<>(ten);
        eleven.add(5, backend(BACKENDS, 1));
        List<Backend> reweighted = new ArrayList<>(ten);
        reweighted.set(4, ten.get(4).withWeight(2));

        Upstream upstream = upstream(balancer, ten, 5);
        int[] before = places(upstream);
        int[] picked = new int[BACKENDS];
        for (int place : before) {
            picked[place]++;
        }
        System.out.printf(
                "%-18s %14.1f %% %16.1f %% %11.1f %% %10.1f %% %16.3f%n",
                balancer,
                moved(before, places(upstream(balancer, nine, 5))),
                moved(before, places(upstream(balancer, eleven, 5))),
                moved(before, places(withOneDown(upstream))),
                moved(before, places(upstream(balancer, reweighted, 5))),
                busiest(picked, i -> 1));
    }

    private static Upstream withOneDown(Upstream upstream) {
        SplittableRandom random = new SplittableRandom(6);
        Lease[] lease = new Lease[1];
        while (upstream.status().get(4).state() != BackendState.EJECTED) {
            if (pick(upstream, random.nextLong(), lease) == 4) {
                lease[0].failed(null);
            } else {
                lease[0].ended();
            }
        }
        return upstream;
    }

    private static int[] places(Upstream upstream) {
        SplittableRandom random = new SplittableRandom(7);
        int[] places = new int[KEYS];
        Lease[] lease = new Lease[1];
        for (int i = 0; i < KEYS; i++) {
            places[i] = pick(upstream, random.nextLong(), lease);
            lease[0].ended();
        }
        return places;
    }

    private static double moved(int[] before, int[] after) {
        int moved = 0;
        for (int i = 0; i < KEYS; i++) {
            moved += before[i] != after[i] ? 1 : 0;
        }
        return 100.0 * moved / KEYS;
    }

    private static double nanos(Balancer balancer, int backends) {
        Upstream upstream = upstream(balancer, backends(backends, i -> 1), 8);
        SplittableRandom random = new SplittableRandom(9);
        int picks = 20_000_000 / (backends + 20);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 8; round++) {
            long start = CPU.getCurrentThreadCpuTime();
            for (int i = 0; i < picks; i++) {
                ((Lease) upstream.pick(random.nextLong())).ended();
            }
            best = Math.min(best, CPU.getCurrentThreadCpuTime() - start);
        }
        return (double) best / picks;
    }

    private static double buildMillis(int backends) {
        List<Backend> list = backends(backends, i -> 1 + i % 7);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long start = CPU.getCurrentThreadCpuTime();
            upstream(Balancer.MAGLEV, list, 10);
            best = Math.min(best, CPU.getCurrentThreadCpuTime() - start);
        }
        return best / 1e6;
    }
}
