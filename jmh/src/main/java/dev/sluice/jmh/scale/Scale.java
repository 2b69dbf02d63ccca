// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the library's structures cost far past a machine's descriptor limit: the unmodified server holds up to a million
 * simulated connections. Counts of work must be the same for a thousand and for a million, and the library's own bytes
 * few; else it ends with 1 and says what is wrong. Writes {@code scale.json} and {@code scale.png} where it is started.
 *
 * <pre>{@code
 * java -Xmx1536m -cp jmh/target/benchmarks.jar dev.sluice.jmh.scale.Scale
 * }</pre>
 *
 * What the figures mean is told in {@code docs/scale.md}.
 */
public final class Scale {
    private static final long MOST_HEAP = 1536L << 20;
    private static final int[] POINTS = {1_000, 10_000, 100_000, 1_000_000};
    private static final int WARM_UP = 20_000;
    private static final int WAKE_UPS = 100_000;

    private Scale() {}

    /** Arguments: numbers of connections, by default 1,000 to 1,000,000. */
    public static void main(String[] args) throws Exception {
        if (Runtime.getRuntime().maxMemory() > MOST_HEAP) {
            System.err.println("the heap may grow to more than 1536 MiB; start with java -Xmx1536m");
            System.exit(2);
        }
        int[] numbers = args.length == 0
                ? POINTS
                : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        List<Point> points = new ArrayList<>();
        try (Progress progress = new Progress()) {
            new Measurement(WARM_UP, WAKE_UPS, progress).measure();
            for (int number : numbers) {
                points.add(new Measurement(number, WAKE_UPS, progress).measure());
            }
        }
        Report report = new Report(points);
        report.print(System.out);
        report.save();
        List<String> failures = Verdict.failures(points);
        failures.forEach(failure -> System.out.println("FAILED: " + failure));
        if (failures.isEmpty()) {
            System.out.println("all counts are flat, and the library's bytes within their limit");
        } else {
            System.exit(1);
        }
    }
}
