// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.ports;

import dev.sluice.examples.launcher.ChildProcess;
import dev.sluice.outbound.SourceAddresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Shows how many connections a client can make to a server, what they run out of, and what helps: as a table, measured within
 * a range of ports of its own, and then, where a network namespace can be made, with the kernel's range made as narrow.
 */
@Command(
        description = "Runs out of source ports within a narrow range, shows what helps, and what ports do after their"
                + " connections have ended.")
public final class PortsCommand implements Callable<Integer> {
    private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final Path TIMESTAMPS = Path.of("/proc/sys/net/ipv4/tcp_timestamps");

    @Option(
            names = "--ports",
            paramLabel = "N",
            description = "How many source ports there are, 1 to 2000 (default: ${DEFAULT-VALUE}).")
    private int ports = 500;

    @Option(
            names = "--first",
            paramLabel = "PORT",
            description = "The lowest of them, 1024 to 60000 (default: ${DEFAULT-VALUE}).")
    private int first = 21_000;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Where the server listens, and on the port behind it; 0 for any (default: ${DEFAULT-VALUE}).")
    private int port = 7040;

    @Option(names = "--no-namespace", description = "Leaves out what needs a network namespace of its own.")
    private boolean noNamespace;

    @Option(names = "--in-namespace", hidden = true, description = "Shows what needs one, and is in it.")
    private boolean inNamespace;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check("ports", ports, 1, 2000);
        check("first", first, 1024, 60_000);
        check("port", port, 0, 65_534);
        if (inNamespace) {
            kernelsChoice();
            return 0;
        }
        try (Backend backend = new Backend(port)) {
            ownChoice(backend);
            afterTheEnd(backend);
        }
        if (!noNamespace) {
            startInNamespace();
        }
        return 0;
    }

    private static void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(option + ": " + value + " is not within " + min + " to " + max);
        }
    }

    // ---- ports that the program chooses

    private void ownChoice(Backend backend) throws IOException, InterruptedException {
        Table table = new Table("Ports that the program chooses (SourceAddresses), all held at once", ports);
        try (Caller caller = Caller.of(sources("127.0.0.1"));
                Caller fromElsewhere = Caller.of(sources("127.0.0.3"))) {
            table.row("one source, one destination", caller, backend.address());
            table.row("another port of the destination", caller, backend.anotherPort());
            table.row("another address of the destination", caller, backend.anotherAddress());
            table.row("another address of the source", fromElsewhere, backend.address());
            table.sum();
        }
    }

    private SourceAddresses sources(String host) {
        return SourceAddresses.parse(host + ":" + first + "-" + (first + ports - 1));
    }

    // ---- ports whose connections have ended

    private void afterTheEnd(Backend backend) throws IOException, InterruptedException {
        Table table = new Table("The same ports once more, after their connections have ended", ports);
        SourceAddresses sources = sources("127.0.0.4");
        try (Caller caller = Caller.inOrder(sources)) {
            caller.open(backend.address(), ports);
            caller.haveAllClosed(backend.address());
            table.row("the server had closed first", caller, backend.address());
            caller.closeAll(backend.address());
            table.row("closed from here first", caller, backend.address());
        }
        withoutQuarantine(table, backend, Files.isReadable(TIMESTAMPS) ? Files.readString(TIMESTAMPS) : "unknown");
        System.out.println();
    }

    /** The ports of connections that were closed from here, by a ledger that knows nothing of it. */
    private void withoutQuarantine(Table table, Backend backend, String timestamps)
            throws IOException, InterruptedException {
        try (Caller caller = Caller.of(sources("127.0.0.4").withQuarantine(Duration.ZERO))) {
            table.row("no quarantine, tcp_timestamps is " + timestamps.strip(), caller, backend.address());
        }
    }

    // ---- ports that the kernel chooses

    private void startInNamespace() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "unshare", "--user", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"));
        command.addAll(ChildProcess.launcher());
        command.addAll(List.of("ports", "--in-namespace", "--ports=" + ports, "--first=" + first, "--port=" + port));
        Path said = Files.createTempFile("sluice-ports", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(said.toFile())
                    .start();
            if (process.waitFor() != 0) {
                leftOut(Files.readString(said).strip());
            }
        } catch (IOException e) { // there is no such program
            leftOut(e.getMessage());
        } finally {
            Files.delete(said);
        }
    }

    private static void leftOut(String why) {
        System.out.println("What the kernel chooses is left out, for no network namespace could be made: " + why);
    }

    private void kernelsChoice() throws IOException, InterruptedException {
        String range = first + " " + (first + ports - 1);
        Files.writeString(PORT_RANGE, range);
        try (Backend backend = new Backend(port)) {
            Table table = new Table(
                    "Ports that the kernel chooses, net.ipv4.ip_local_port_range is " + range + ", all held at once",
                    ports);
            try (Caller caller = Caller.unbound();
                    Caller bound = Caller.boundTo("127.0.0.3")) {
                table.row("one source, one destination", caller, backend.address());
                table.row("another port of the destination", caller, backend.anotherPort());
                table.row("another address of the destination", caller, backend.anotherAddress());
                table.row("another address of the source", bound, backend.address());
                table.row("that one, another port of the destination", bound, backend.anotherPort());
                table.sum();
            }
            Files.writeString(TIMESTAMPS, "0");
            Table again =
                    new Table("After they were closed from here first, and no timestamps tell old from new", ports);
            try (Caller caller = Caller.inOrder(sources("127.0.0.4"))) {
                caller.open(backend.address(), ports);
                caller.closeAll(backend.address());
            }
            withoutQuarantine(again, backend, "0");
        }
    }
}
