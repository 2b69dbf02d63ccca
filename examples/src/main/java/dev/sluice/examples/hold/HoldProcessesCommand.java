// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import dev.sluice.examples.launcher.ChildProcess;
import dev.sluice.examples.launcher.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Goes past what one process may hold: servers in several processes listen on one port ({@code SO_REUSEPORT}), as many
 * clients' processes hold connections to it, and what each connection costs is measured.
 */
@Command(description = "Several server processes on one port, as many clients' processes, and what a connection costs.")
public final class HoldProcessesCommand implements Callable<Integer> {
    private static final int OPENING = 50; // in each client

    @Option(
            names = "--processes",
            paramLabel = "N",
            description = "Server processes, and as many for clients, 1 to 50 (default: ${DEFAULT-VALUE}).")
    private int processes = 4;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections to all servers together, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
    private int connections = 4000;

    private final List<ChildProcess> servers = new ArrayList<>();
    private final List<ChildProcess> clients = new ArrayList<>();
    private String target;

    /** What was measured of all servers and of the kernel at one time. */
    private record Figures(
            List<HoldServerCommand.Figures> servers, List<OptionalLong> processBytes, OptionalLong slabBytes) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        HoldCommand.check("processes", processes, 1, 50);
        HoldCommand.check("connections", connections, processes, 1_000_000);
        try {
            startServers();
            Figures before = measure();
            int held = open();
            Figures after = measure();
            OptionalLong sockets = Kernel.tcpSockets();
            int answered = verify();
            show(before, after, sockets, held);
            HoldCommand.say(
                    "held %,d of %,d connections to %s, %,d of which answered at the end",
                    held, connections, target, answered);
            return held == connections && answered == held ? 0 : 1;
        } finally {
            close();
        }
    }

    private void startServers() throws IOException, InterruptedException {
        String port = "0";
        for (int i = 0; i < processes; i++) {
            ChildProcess server = ChildProcess.start(
                    "server " + (i + 1),
                    List.of(
                            "hold-server",
                            "--report",
                            "--topology",
                            "reuse-port",
                            "--readers",
                            "1",
                            "--port",
                            port,
                            "--max-connections",
                            "1000000"));
            servers.add(server);
            String line = server.answer();
            target = line.substring(line.lastIndexOf(' ') + 1);
            port = target.substring(target.lastIndexOf(':') + 1);
        }
    }

    /** The clients of the i-th process come from four addresses of its own, so that there are ports enough. */
    private int open() throws IOException, InterruptedException {
        String atEnd = String.format(Locale.ROOT, "hold-processes: %,d connections tried", connections);
        try (Progress progress = new Progress("opening", connections, atEnd)) {
            List<CompletableFuture<Integer>> opened = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                int number = connections / processes + (i < connections % processes ? 1 : 0);
                ChildProcess client = ChildProcess.start(
                        "client " + (i + 1),
                        List.of(
                                "hold-client",
                                "--connections",
                                String.valueOf(number),
                                "--opening",
                                String.valueOf(OPENING),
                                "--sources",
                                "127.0." + (i + 1) + ".1-127.0." + (i + 1) + ".4",
                                target));
                clients.add(client);
                opened.add(CompletableFuture.supplyAsync(() -> untilHeld(client, progress), this::inThread));
            }
            return opened.stream().mapToInt(CompletableFuture::join).sum();
        }
    }

    private int untilHeld(ChildProcess client, Progress progress) {
        try {
            while (true) {
                String[] words = client.answer().split(" ");
                int number = Integer.parseInt(words[1]);
                if (words[0].equals("held")) {
                    return number;
                }
                progress.step(number);
            }
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e.getMessage(), e);
        }
    }

    private void inThread(Runnable task) {
        Thread thread = new Thread(task, "hold-processes-client");
        thread.setDaemon(true);
        thread.start();
    }

    private Figures measure() throws IOException, InterruptedException {
        List<HoldServerCommand.Figures> figures = new ArrayList<>();
        List<OptionalLong> bytes = new ArrayList<>();
        for (ChildProcess server : servers) {
            figures.add(HoldServerCommand.Figures.parse(server.ask("figures")));
            bytes.add(Kernel.processBytes(server.pid()));
        }
        return new Figures(figures, bytes, Kernel.slabBytes());
    }

    private int verify() throws IOException, InterruptedException {
        int answered = 0;
        for (ChildProcess client : clients) {
            answered += Integer.parseInt(client.ask("verify"));
        }
        return answered;
    }

    private void show(Figures before, Figures after, OptionalLong sockets, int held) {
        HoldCommand.say("%-10s %12s %20s %23s", "process", "connections", "heap B/connection", "memory B/connection");
        for (int i = 0; i < processes; i++) {
            HoldServerCommand.Figures figures = after.servers.get(i);
            long heap = figures.heapBytes() - before.servers.get(i).heapBytes();
            HoldCommand.say(
                    "%-10s %,12d %20s %23s",
                    "server " + (i + 1),
                    figures.connections(),
                    each(OptionalLong.of(heap), figures.connections()),
                    each(less(after.processBytes.get(i), before.processBytes.get(i)), figures.connections()));
        }
        HoldCommand.say(
                "kernel: %s bytes of slab for each end of a connection; %s TCP sockets are in use",
                each(less(after.slabBytes, before.slabBytes), 2 * held),
                sockets.isPresent() ? String.format(Locale.ROOT, "%,d", sockets.getAsLong()) : "an unknown number of");
    }

    private static OptionalLong less(OptionalLong after, OptionalLong before) {
        return after.isPresent() && before.isPresent()
                ? OptionalLong.of(after.getAsLong() - before.getAsLong())
                : OptionalLong.empty();
    }

    private static String each(OptionalLong bytes, int number) {
        return bytes.isPresent() && number > 0
                ? String.format(Locale.ROOT, "%,d", bytes.getAsLong() / number)
                : "unknown";
    }

    private void close() throws IOException {
        for (ChildProcess client : clients) {
            client.close();
        }
        for (ChildProcess server : servers) {
            server.close();
        }
    }
}
