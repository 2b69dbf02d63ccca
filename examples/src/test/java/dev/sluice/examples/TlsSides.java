// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import dev.sluice.tls.ClientTls;
import dev.sluice.tls.ServerTls;
import dev.sluice.tls.TlsFileException;
import dev.sluice.tls.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Both sides of TLS, by an authority to throw away. */
public final class TlsSides {
    private TlsSides() {}

    /** A server with a certificate for these names. */
    public static ServerTls server(TestCa ca, String... names) throws TlsFileException {
        return ServerTls.builder().defaultIdentity(identity(ca.server(names))).build();
    }

    /** As the library takes it. */
    public static TlsIdentity identity(TestCertificate made) {
        return TlsIdentity.of(made.key(), made.chain());
    }

    /** One that believes whom the authority believes, if it has this name. */
    public static ClientTls client(TestCa ca, String name) throws TlsFileException {
        return ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .serverName(name)
                .build();
    }

    /** The same for the JDK's clients. */
    public static SSLContext context(X509Certificate trusted) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", trusted);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
