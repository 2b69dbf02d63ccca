// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import dev.sluice.Deadlines;
import dev.sluice.Endpoint;
import dev.sluice.Listener;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.examples.launcher.LiveHeap;
import dev.sluice.examples.launcher.ServerOptions;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds whatever connects, echoes lines, and says how many it holds. */
@Command(
        description = "Holds connections, echoes lines, and says how many it holds. With --topology reuse-port several"
                + " processes share one port.")
public final class HoldServerCommand implements Callable<Integer> {
    static final Protocol<ByteBuffer> LINES =
            Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));

    /** Whoever connects to be held says nothing for as long as it likes. */
    static final Deadlines PATIENT =
            Deadlines.defaults().withFirstByte(Deadlines.LONGEST).withIdle(Deadlines.LONGEST);

    @Mixin
    private final ServerOptions options = new ServerOptions(7003);

    @Option(
            names = "--ports",
            paramLabel = "N",
            description =
                    "Listens on so many ports, 1 to 1000: --port and those behind it (default: ${DEFAULT-VALUE}).")
    private int ports = 1;

    @Option(names = "--report", hidden = true, description = "Answers each line on standard input, and ends with it.")
    private boolean report;

    /**
     * What a server's process says of itself.
     *
     * @param connections that it holds
     * @param heapBytes that a collection left over
     */
    record Figures(int connections, long heapBytes) {
        static Figures parse(String line) {
            String[] words = line.split(" ");
            return new Figures(Integer.parseInt(words[0]), Long.parseLong(words[1]));
        }

        @Override
        public String toString() {
            return connections + " " + heapBytes;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        HoldCommand.check("ports", ports, 1, 1000);
        Server server = options.start(this::onEachPort);
        for (Listener listener : server.listeners()) {
            System.out.println("listening on " + listener);
        }
        if (report) {
            report(server);
            server.close();
        } else {
            sayHowMany(server);
        }
        return 0;
    }

    private Server.Builder onEachPort(Endpoint first) {
        Server.Builder builder = Server.builder().deadlines(PATIENT);
        builder.listen(first, LINES);
        for (int i = 1; i < ports; i++) {
            if (!(first.address() instanceof InetSocketAddress address)) {
                throw new IllegalArgumentException("ports: " + ports + ", and only a TCP address has ports");
            }
            int port = address.getPort() == 0 ? 0 : address.getPort() + i;
            builder.listen(
                    Endpoint.of(new InetSocketAddress(address.getAddress(), port))
                            .withBacklog(first.backlog())
                            .withOptions(first.options()),
                    LINES);
        }
        return builder;
    }

    private static void report(Server server) throws IOException {
        LiveHeap.bytes(); // so that none of those that are asked for counts the classes that it loads
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println(new Figures(server.connections(), LiveHeap.bytes()));
        }
    }

    /** Once a second, if it is another number. It goes on until a signal ends the process, whatever the thread does. */
    private static void sayHowMany(Server server) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        int said = 0;
        while (!never.await(1, TimeUnit.SECONDS)) {
            int now = server.connections();
            if (now != said) {
                HoldCommand.say("holding %,d", now);
                said = now;
            }
        }
    }
}
