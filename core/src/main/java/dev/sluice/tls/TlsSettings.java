// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;

/** What servers and clients are told in the same words. Builders write it; it is copied when they build. */
final class TlsSettings {
    private static final int MOST_SESSIONS = 1_000_000;
    private static final Duration LONGEST_SESSION = Duration.ofDays(7); // RFC 8446, section 4.6.1
    private static final int LONGEST_PROTOCOL = 255; // RFC 7301, section 3.1

    Set<TlsVersion> versions = EnumSet.allOf(TlsVersion.class);
    List<String> suites; // null: the defaults
    List<String> protocols = List.of();
    int sessions = 1024;
    Duration sessionTime = Duration.ofHours(1);
    Clock clock = Clock.systemUTC();
    boolean allowsWrongDates;
    Executor handshakeTasks; // null: whoever drives the engine

    TlsSettings() {}

    /** A copy whose cipher suites are known. */
    TlsSettings checked() {
        TlsSettings settings = new TlsSettings();
        settings.versions = versions;
        settings.suites = suites == null ? defaultSuites(versions) : requireSuites(suites, versions);
        settings.protocols = protocols;
        settings.sessions = sessions;
        settings.sessionTime = sessionTime;
        settings.clock = clock;
        settings.allowsWrongDates = allowsWrongDates;
        settings.handshakeTasks = handshakeTasks;
        return settings;
    }

    void versions(TlsVersion... some) {
        if (some.length == 0) {
            throw new IllegalArgumentException("versions: none");
        }
        versions = EnumSet.copyOf(Arrays.asList(some));
    }

    void protocols(String... names) {
        List<String> all = new ArrayList<>();
        for (String name : names) {
            if (name == null
                    || name.isEmpty()
                    || name.length() > LONGEST_PROTOCOL
                    || !StandardCharsets.ISO_8859_1.newEncoder().canEncode(name)) {
                throw new IllegalArgumentException("alpn: a protocol has 1 to 255 characters of ISO 8859-1");
            }
            if (all.contains(name)) {
                throw new IllegalArgumentException("alpn: " + Flaw.printable(name) + " twice");
            }
            all.add(name);
        }
        protocols = List.copyOf(all);
    }

    void sessions(int most, Duration time) {
        if (most < 1 || most > MOST_SESSIONS) {
            throw new IllegalArgumentException("sessions: " + most + " is not within 1 to " + MOST_SESSIONS);
        }
        if (time == null || time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(LONGEST_SESSION) > 0) {
            throw new IllegalArgumentException("sessionTime: " + time + " is not within PT1S to " + LONGEST_SESSION);
        }
        sessions = most;
        sessionTime = time;
    }

    static <T> T present(String field, T value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": missing");
        }
        return value;
    }

    // ---- cipher suites

    /** Those of TLS 1.3, and of TLS 1.2 those with ephemeral keys on curves and authenticated encryption, in the JDK's order. */
    private static List<String> defaultSuites(Set<TlsVersion> versions) {
        return Arrays.stream(bare().getDefaultSSLParameters().getCipherSuites())
                .filter(suite -> isOf13(suite) || isGoodOf12(suite))
                .filter(suite -> versions.contains(isOf13(suite) ? TlsVersion.TLS_1_3 : TlsVersion.TLS_1_2))
                .toList();
    }

    /** The names of TLS 1.3 say nothing of keys, as they are agreed on elsewhere: RFC 8446, appendix B.4. */
    private static boolean isOf13(String suite) {
        return !suite.contains("_WITH_") && !suite.endsWith("_SCSV");
    }

    private static boolean isGoodOf12(String suite) {
        return suite.startsWith("TLS_ECDHE_") && (suite.contains("_GCM_") || suite.contains("_CHACHA20_"));
    }

    private static List<String> requireSuites(List<String> suites, Set<TlsVersion> versions) {
        List<String> known = List.of(bare().getSupportedSSLParameters().getCipherSuites());
        for (String suite : suites) {
            if (!known.contains(suite)) {
                throw new IllegalArgumentException("cipherSuites: the JDK has no " + Flaw.printable(suite));
            }
        }
        for (TlsVersion version : versions) {
            if (suites.stream().noneMatch(suite -> isOf13(suite) == (version == TlsVersion.TLS_1_3))) {
                throw new IllegalArgumentException("cipherSuites: none for " + version.jdkName());
            }
        }
        return suites;
    }

    private static SSLContext bare() {
        try {
            return context(List.of(), Trust.NOBODY);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without TLS", e); // each one has it
        }
    }

    // ---- what the JDK is given

    private static SSLContext context(List<TlsIdentity> identities, Trust trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new OwnKeys(identities)}, trust.managers(), null);
        return context;
    }

    /** A context with caches and tickets of its own. */
    SSLContext newContext(List<TlsIdentity> identities, Trust trust) {
        try {
            SSLContext context = context(identities, trust);
            for (SSLSessionContext cache :
                    new SSLSessionContext[] {context.getServerSessionContext(), context.getClientSessionContext()}) {
                cache.setSessionCacheSize(sessions);
                cache.setSessionTimeout((int) sessionTime.toSeconds());
            }
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without TLS", e); // each one has it
        }
    }

    SSLParameters newParameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(versions.stream().map(TlsVersion::jdkName).toArray(String[]::new));
        parameters.setCipherSuites(suites.toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        return parameters;
    }

    /** An expired certificate is refused where somebody looks, not by each client. */
    void requireDates(TlsIdentity identity) throws TlsFileException {
        String wrong = Certificates.wrongDate(identity.chain(), clock.instant());
        if (wrong != null && !allowsWrongDates) {
            throw new TlsFileException(identity.source(), wrong, null);
        }
    }
}
