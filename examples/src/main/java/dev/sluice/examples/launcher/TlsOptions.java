// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import dev.sluice.Endpoint;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Whether a server speaks TLS, and with which certificate. */
final class TlsOptions {
    private static final Logger LOG = LoggerFactory.getLogger(TlsOptions.class);

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description =
                    "Speaks TLS, with the certificate and those of its issuers in this file, in PEM. SIGHUP has it read"
                            + " again. The example certs makes some to throw away.")
    private Path certificates;

    @Option(names = "--key", paramLabel = "FILE", description = "The key of that certificate, in PEM.")
    private Path key;

    private String refused; // null unless neither may be given

    private BiFunction<Endpoint, ServerTls, Endpoint> required; // how it begins, where there is no server without it

    /** Without TLS there is no server, which begins with it as that says. */
    void require(BiFunction<Endpoint, ServerTls, Endpoint> begin) {
        required = begin;
    }

    /** Neither option may be given, and that is why. */
    void refuse(String why) {
        refused = why;
    }

    /** The endpoint as these options want it. */
    Endpoint on(Endpoint endpoint) throws IOException {
        if (refused != null && (certificates != null || key != null)) {
            throw new IllegalArgumentException("--cert and --key: " + refused);
        }
        if (certificates == null && key == null && required == null) {
            return endpoint;
        }
        if (certificates == null || key == null) {
            throw new IllegalArgumentException(
                    "--cert and --key: both are needed for TLS; the example certs makes some to throw away");
        }
        ServerTls tls = ServerTls.of(IdentityFile.pem(certificates, key));
        HangupSignal.handle(() -> reload(tls));
        return required == null ? endpoint.withTls(tls) : required.apply(endpoint, tls);
    }

    private static void reload(ServerTls tls) {
        try {
            tls.reload();
            LOG.info("new connections get {}", tls);
        } catch (TlsFileException e) {
            LOG.warn("the old certificate stays: {}", e.getMessage());
        }
    }
}
