// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.IdentityFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate of P-256 below a root that is made for one run, as files in a directory. */
public record Certificates(Path directory) {
    /** Whom the certificate is for. */
    public static final String NAME = "backend.internal";

    /** Makes them there. */
    public static Certificates make(Path directory) throws IOException {
        TestCa authority = TestCa.create("a CA to throw away");
        TestCertificate made = authority.server(NAME);
        Certificates certificates = new Certificates(directory);
        Files.writeString(certificates.authority(), authority.rootPem());
        Files.writeString(certificates.certificate(), made.chainPem());
        Files.writeString(certificates.key(), made.keyPem());
        return certificates;
    }

    /** The root. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    /** The certificate, without the root. */
    public Path certificate() {
        return directory.resolve("cert.pem");
    }

    /** Its key. */
    public Path key() {
        return directory.resolve("key.pem");
    }

    /** The same for Sluice. */
    public IdentityFile identity() {
        return IdentityFile.pem(certificate(), key());
    }
}
