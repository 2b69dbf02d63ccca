// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.examples.demo.DemoCommand;
import dev.sluice.examples.demo.DemoServerCommand;
import dev.sluice.examples.hold.HoldClientCommand;
import dev.sluice.examples.hold.HoldCommand;
import dev.sluice.examples.hold.HoldProcessesCommand;
import dev.sluice.examples.hold.HoldServerCommand;
import dev.sluice.examples.launcher.CertsCommand;
import dev.sluice.examples.launcher.ChatCommand;
import dev.sluice.examples.launcher.E2eCommand;
import dev.sluice.examples.launcher.Failures;
import dev.sluice.examples.launcher.FilesCommand;
import dev.sluice.examples.launcher.HttpCommand;
import dev.sluice.examples.launcher.KvCommand;
import dev.sluice.examples.launcher.L4Command;
import dev.sluice.examples.launcher.L7Command;
import dev.sluice.examples.launcher.ServeCommand;
import dev.sluice.examples.launcher.SniCommand;
import dev.sluice.examples.launcher.TapCommand;
import dev.sluice.examples.ports.PortsCommand;
import dev.sluice.examples.restart.RestartCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The launcher: {@code java -jar sluice-examples.jar NAME [options]}. */
@Command(name = "sluice-examples", description = "Starts one of Sluice's examples.", synopsisSubcommandLabel = "NAME")
public final class Main implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help and ends.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Runs the example that is named by the first argument. */
    public static void main(String[] args) {
        int status = commandLine().execute(withServerAsName(args));
        if (status != 0) {
            System.exit(status);
        }
    }

    /** {@code hold --server} is {@code hold-server}, which has options of its own. */
    static String[] withServerAsName(String[] args) {
        List<String> words = new ArrayList<>(List.of(args));
        if (!words.isEmpty() && words.get(0).equals("hold") && words.remove("--server")) {
            words.set(0, "hold-server");
        }
        return words.toArray(String[]::new);
    }

    private static CommandLine commandLine() {
        Failures failures = new Failures();
        return new CommandLine(new Main())
                .addSubcommand("echo", server("Sends every byte back as it comes.", 7000, Echo::server))
                .addSubcommand(
                        "tls-echo",
                        described(
                                "Sends every byte back as it comes, over TLS, with --cert and --key.",
                                new ServeCommand(7444, Echo::server).withTls()))
                .addSubcommand(
                        "starttls",
                        described(
                                "Greets as a mail server does, and goes over to TLS by STARTTLS, with --cert and --key.",
                                new ServeCommand(7025, Starttls::server).withStartTls()))
                .addSubcommand("lines", server("Sends each line back.", 7001, Lines::server))
                .addSubcommand("frames", server("Sends frames with a 4-byte length back.", 7002, Frames::server))
                .addSubcommand("chat", new ChatCommand())
                .addSubcommand("http", HttpCommand.http())
                .addSubcommand(
                        "https",
                        described(
                                "Answers HTTPS as http answers HTTP, with --cert and --key: /plaintext, /json, POST /echo,"
                                        + " /slow?ms=N, /stream?lines=N and /events.",
                                HttpCommand.https()))
                .addSubcommand("kv", new KvCommand())
                .addSubcommand("files", new FilesCommand())
                .addSubcommand("l4", new L4Command())
                .addSubcommand("l7", new L7Command())
                .addSubcommand("sni", new SniCommand())
                .addSubcommand("e2e", new E2eCommand())
                .addSubcommand("tap", new TapCommand())
                .addSubcommand("certs", new CertsCommand())
                .addSubcommand("hold", new HoldCommand())
                .addSubcommand("hold-server", new HoldServerCommand())
                .addSubcommand("hold-processes", new HoldProcessesCommand())
                .addSubcommand("hold-client", new HoldClientCommand())
                .addSubcommand("ports", new PortsCommand())
                .addSubcommand("restart", new RestartCommand())
                .addSubcommand("demo", new DemoCommand())
                .addSubcommand("demo-server", new DemoServerCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    private static CommandLine server(String description, int port, Function<Endpoint, Server.Builder> example) {
        return described(description, new ServeCommand(port, example));
    }

    private static CommandLine described(String description, Object what) {
        CommandLine command = new CommandLine(what);
        command.getCommandSpec().usageMessage().description(description);
        return command;
    }

    /** Without a name there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no example named");
    }
}
