// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Server;
import dev.sluice.examples.Tap;
import dev.sluice.tls.ClientTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs whoever stands between and looks. */
@Command(
        description =
                "Stands between a client and a backend, and prints everything that passes: a wire, or with --cert and"
                        + " --key a proxy that ends TLS.")
public final class TapCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions(7010);

    @Option(
            names = "--backend",
            paramLabel = "HOST:PORT",
            required = true,
            converter = AddressText.class,
            description = "Where everything goes.")
    private InetSocketAddress backend;

    @ArgGroup
    private final ToBackend toBackend = new ToBackend();

    @Option(
            names = "--backend-name",
            paramLabel = "NAME",
            description = "The name that the backend's certificate has to be for, if it isn't the host's.")
    private String name;

    @Option(names = "--quiet", description = "Prints nothing of it.")
    private boolean quiet;

    /** How it speaks TLS to the backend; not at all unless told. */
    private static final class ToBackend {
        @Option(
                names = "--backend-ca",
                paramLabel = "FILE",
                description = "Speaks TLS to the backend, whose certificate these authorities have issued, in PEM.")
        private Path authorities;

        @Option(
                names = "--backend-insecure",
                description = "Speaks TLS to the backend, and doesn't look at its certificate.")
        private boolean insecure;
    }

    @Override
    public Integer call() throws IOException {
        ClientTls tls = tls();
        Server server = options.start(endpoint -> Tap.server(endpoint, backend, tls, new Printing()));
        System.out.println("listening on " + server.listeners().get(0));
        return 0;
    }

    private ClientTls tls() throws IOException {
        if (toBackend.authorities == null && !toBackend.insecure) {
            if (name != null) {
                throw new IllegalArgumentException(
                        "--backend-name: there is no TLS to the backend without --backend-ca or --backend-insecure");
            }
            return null;
        }
        ClientTls.Builder builder = ClientTls.builder();
        if (toBackend.insecure) {
            builder.insecure();
        } else {
            builder.trust(toBackend.authorities);
        }
        return (name == null ? builder : builder.serverName(name)).build();
    }

    private final class Printing implements Tap.Watcher {
        @Override
        public ByteBuffer passing(long connection, Tap.From from, ByteBuffer bytes) {
            if (!quiet) {
                String sender = from == Tap.From.CLIENT ? "client" : "backend";
                System.out.println("-- " + connection + ", " + sender + ", " + bytes.remaining() + " bytes\n"
                        + Bytes.lines(bytes));
            }
            return bytes;
        }

        @Override
        public void failed(long connection, Throwable why) {
            System.err.println("-- " + connection + ", " + why.getMessage());
        }
    }
}
