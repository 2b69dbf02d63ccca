// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Whom one believes: the managers that an {@code SSLContext} asks. Two are equal if they come of the same authorities. */
final class Trust {
    private static final int MOST_BYTES = 4 << 20;
    private static final String STORE = "javax.net.ssl.trustStore";

    /** Nobody is asked for a certificate. */
    static final Trust NOBODY = new Trust(Set.of(), new TrustManager[0]);

    /** Everybody is believed. */
    static final Trust ANYBODY = new Trust(Set.of(), new TrustManager[] {new Credulous()});

    private final Set<X509Certificate> authorities;
    private final TrustManager[] managers;

    private Trust(Set<X509Certificate> authorities, TrustManager[] managers) {
        this.authorities = authorities;
        this.managers = managers;
    }

    /** What the Java process trusts by itself: its property {@code javax.net.ssl.trustStore}, else the JDK's own file. */
    static Trust system() throws TlsFileException {
        String told = System.getProperty(STORE, "");
        if (!told.isEmpty() && !told.equals("NONE") && !new File(told).canRead()) {
            throw new TlsFileException(
                    told, "can't be read, though " + STORE + " says so; the JVM would believe the JDK's instead", null);
        }
        TrustManager[] managers;
        try {
            managers = managers(null);
        } catch (GeneralSecurityException e) {
            throw new TlsFileException(systemStore(told), "can't be read: " + e.getMessage(), e);
        }
        Set<X509Certificate> authorities = authorities(managers);
        if (authorities.isEmpty()) { // the JDK would tell each connection so, in words about anchors
            String hint = told.isEmpty() ? "say whom to trust" : "is " + STORE + "Password right?";
            throw new TlsFileException(systemStore(told), "the JVM finds no authorities there; " + hint, null);
        }
        return new Trust(authorities, managers);
    }

    private static String systemStore(String told) {
        Path own = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        return told.isEmpty() ? own.toString() : told;
    }

    private static Set<X509Certificate> authorities(TrustManager[] managers) {
        Set<X509Certificate> authorities = new HashSet<>();
        for (TrustManager manager : managers) {
            if (manager instanceof X509TrustManager believing) {
                Collections.addAll(authorities, believing.getAcceptedIssuers());
            }
        }
        return authorities;
    }

    /** The certificates of a PEM file. */
    static Trust of(Path bundle) throws TlsFileException {
        try {
            return of(Certificates.of(Pem.read(BoundedFile.read(bundle, MOST_BYTES))));
        } catch (Flaw e) {
            throw new TlsFileException(bundle.toString(), e.getMessage(), e);
        }
    }

    static Trust of(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry(String.valueOf(i), authorities.get(i));
            }
            return new Trust(Set.copyOf(authorities), managers(store));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("authorities that the JDK won't take", e);
        }
    }

    private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    TrustManager[] managers() {
        return managers;
    }

    /** Says whether who was believed is believed still. */
    boolean isSameAs(Trust other) {
        return authorities.equals(other.authorities) && (managers == other.managers || !authorities.isEmpty());
    }

    /** Extended, since the JDK adds checks of its own to one that isn't. */
    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
