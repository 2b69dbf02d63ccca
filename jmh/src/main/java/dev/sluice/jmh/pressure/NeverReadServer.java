// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.pressure;

import dev.sluice.CloseReason;
import dev.sluice.Endpoint;
import dev.sluice.Limits;
import dev.sluice.MemoryBudget;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.TcpOptions;
import dev.sluice.Topology;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The server of {@link NeverRead}: a line that begins with {@code L} is answered with 4 KiB, any other with itself. It
 * prints its port, and for each line on its input one with its figures.
 */
public final class NeverReadServer {
    private static final int REPLY_BYTES = 4096;
    private static final int SEND_BUFFER = 16 * 1024;

    private NeverReadServer() {}

    /** Argument: the budget in MiB. */
    public static void main(String[] args) throws IOException {
        MemoryBudget budget = MemoryBudget.ofBytes(Long.parseLong(args[0]) << 20);
        ByteBuffer large = ByteBuffer.wrap(new byte[REPLY_BYTES]);
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", 0)
                .withBacklog(4096)
                .withOptions(TcpOptions.defaults().withSendBuffer(SEND_BUFFER)); // or the kernel holds most of it
        Server server = Server.builder()
                .topology(Topology.singleThread())
                .budget(budget)
                .limits(Limits.defaults())
                .listen(endpoint, Protocol.of(LineFramer::new, (line, reply) -> {
                    if (line.hasRemaining() && line.get(line.position()) == 'L') {
                        reply.send(large);
                    } else {
                        reply.send(line, LineEncoder.LF);
                    }
                }))
                .start();
        System.out.println(server.port());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println("heap " + (usedHeap() >> 20) + " MiB, resident " + residentKiB() / 1024 + " MiB, budget "
                    + budget + ", " + server.connections() + " held, ended for the budget "
                    + server.closed().get(CloseReason.Kind.BUDGET_EXHAUSTED));
        }
        server.close();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }

    private static long residentKiB() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
