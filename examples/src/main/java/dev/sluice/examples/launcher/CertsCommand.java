// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.examples.certs.Certs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes certificates to throw away. */
@Command(
        description =
                "Makes a throw-away CA, and certificates for a server and for clients, so that examples of TLS need no"
                        + " other tool.")
public final class CertsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", arity = "0..1", description = "Where they are put (default: ${DEFAULT-VALUE}).")
    private Path folder = Path.of("certs");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "A name or an IPv4 address of the server, as in *.example.org. May be given several times"
                    + " (default: localhost, 127.0.0.1 and ::1).")
    private List<String> names = List.of("localhost", "127.0.0.1", "::1");

    @Option(
            names = "--client",
            paramLabel = "NAME",
            description = "A client. May be given several times (default: client).")
    private List<String> clients = List.of("client");

    @Option(
            names = "--password",
            paramLabel = "TEXT",
            description = "Of the PKCS#12 files, in ASCII (default: ${DEFAULT-VALUE}).")
    private String password = "changeit";

    @Option(names = "--force", description = "Replaces files that are there.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        for (Path file : Certs.write(folder, names, clients, force, password.toCharArray())) {
            System.out.println(file);
        }
        return 0;
    }
}
