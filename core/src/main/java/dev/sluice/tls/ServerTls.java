// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.TlsAlert;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * How a server speaks TLS: with which certificate for which host, what it offers, and what it asks of clients. It may
 * be used by any number of listeners and from any thread.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>what</th><th>default</th><th>range</th></tr>
 * <tr><td>identities</td><td></td><td>at least one</td></tr>
 * <tr><td>default identity</td><td>none: other names, and clients without one, are refused</td><td></td></tr>
 * <tr><td>versions</td><td>TLS 1.3 and 1.2</td><td>either, or both</td></tr>
 * <tr><td>cipher suites</td><td>those of TLS 1.3, and of 1.2 those with ECDHE and GCM or ChaCha20-Poly1305, in the JDK's order;
 *     so none with CBC, and none without forward secrecy</td><td>what the JDK has</td></tr>
 * <tr><td>ALPN</td><td>none</td><td>1 to 255 characters each</td></tr>
 * <tr><td>client certificates</td><td>none</td><td></td></tr>
 * <tr><td>sessions kept for each identity, of clients that name a host, and of those that don't</td><td>1,024</td>
 *     <td>1 to 1,000,000</td></tr>
 * <tr><td>how long one may be resumed</td><td>1 h</td><td>1 s to 7 d</td></tr>
 * </table>
 *
 * <p><b>By name.</b> An identity is for the names in its certificate. The one with the exact name that a client asks
 * for is taken; else that with the wildcard one label above; else the default one. If there is none, the client is
 * refused by the alert unrecognized_name (RFC 6066, section 3). Two identities may be for one name if their keys are of different kinds, such
 * as EC and RSA: the client's offer decides.
 *
 * <p><b>Dates.</b> A certificate that isn't valid now is an error, since a start or a reload is when somebody looks, and every
 * client would refuse it; {@link Builder#allowWrongDates} says otherwise. One that expires later is served on:
 * {@link #validUntil} is for alarms.
 *
 * <p><b>Resumption.</b> A client resumes only under the name that its session was made for, with the same identities
 * and the same trust. Sessions are in tickets for clients that take them (RFC 5077; RFC 8446, section 4.6.1), which
 * take no memory here, and in a bounded cache for others; what names clients ask for is kept nowhere else.
 *
 * <p><b>Renegotiation</b> can't be turned off for one engine of the JDK: see {@link #engineFor}.
 *
 * <pre>{@code
 * ServerTls tls = ServerTls.builder()
 *         .identity(IdentityFile.pem(Path.of("a.pem"), Path.of("a.key")))
 *         .defaultIdentity(IdentityFile.pem(Path.of("b.pem"), Path.of("b.key")))
 *         .alpn("http/1.1")
 *         .build();
 * tls.reload(); // later, when the files have changed
 * }</pre>
 */
public final class ServerTls {
    private final TlsSettings settings;
    private final ClientCertificates clientCertificates;
    private final TrustSource clients;

    // guarded by this
    private List<IdentitySource> named;
    private IdentitySource byDefault; // null if there is none

    // any thread
    private volatile Roster roster;

    private ServerTls(Builder builder) throws TlsFileException {
        settings = builder.settings.checked();
        named = List.copyOf(builder.named);
        byDefault = builder.byDefault;
        clientCertificates = builder.clientCertificates;
        clients = builder.clients;
        roster = read(named, byDefault, null);
    }

    /** Begins with the defaults above. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * One identity for all names, and the defaults.
     *
     * @throws TlsFileException if it can't be used; it says which file, and why
     */
    public static ServerTls of(IdentityFile identity) throws TlsFileException {
        return builder().defaultIdentity(identity).build();
    }

    /**
     * An engine for the client that has sent this hello, in server mode, for all bytes of its stream from the first
     * one. Nothing of the handshake has been done.
     *
     * <p>The engine refuses a second ClientHello that asks for another name. It doesn't refuse one that begins a renegotiation,
     * which TLS 1.2 has: whoever drives it ends the connection if, after the handshake, a record comes whose first byte is 22
     * (handshake) while {@code engine.getSession().getProtocol()} is {@code TLSv1.2}. TLS 1.3 has no renegotiation, and hides
     * its own messages after the handshake in records of type 23.
     *
     * @throws TlsRefusal if there is no certificate for the name; it has the alert that the client is to be told
     */
    public SSLEngine engineFor(ClientHello hello) throws TlsRefusal {
        String host = hello.serverName();
        Role role = roster.roleFor(host);
        if (role == null) {
            throw new TlsRefusal(
                    TlsAlert.UNRECOGNIZED_NAME, host == null ? "no name is asked for" : "no certificate for " + host);
        }
        SSLEngine engine = role.contextFor(host).createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = settings.newParameters();
        parameters.setSNIMatchers(List.of(new OnlyName(host)));
        switch (clientCertificates) {
            case NONE -> {}
            case WANTED -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Reads all files again, for handshakes that begin from now on; connections stay as they are. Sessions of
     * identities that have changed are forgotten, and all of them if the trusted authorities have. It blocks while it
     * reads.
     *
     * @throws TlsFileException if anything is wrong with any of them; it says what, and all stays as it was
     */
    public synchronized void reload() throws TlsFileException {
        roster = read(named, byDefault, roster);
    }

    /**
     * Takes these identities instead of all that there were, at this reload and at those that follow; else as
     * {@link #reload()}.
     *
     * @param newNamed each for the names in its certificate; may be empty if there is a default one
     * @param newDefault for all other names, or null: they are refused
     * @throws IllegalArgumentException if there is none at all
     * @throws TlsFileException if one can't be served, or the authorities can't be read; all stays as it was
     */
    public synchronized void reload(List<TlsIdentity> newNamed, TlsIdentity newDefault) throws TlsFileException {
        if (newNamed.isEmpty() && newDefault == null) {
            throw new IllegalArgumentException("identity: none; at least one is needed, or a default one");
        }
        List<IdentitySource> sources = new ArrayList<>();
        for (TlsIdentity identity : newNamed) {
            TlsSettings.present("identity", identity);
            sources.add(() -> identity);
        }
        IdentitySource other = newDefault == null ? null : () -> newDefault;
        roster = read(sources, other, roster);
        named = List.copyOf(sources);
        byDefault = other;
    }

    private Roster read(List<IdentitySource> sources, IdentitySource otherSource, Roster old) throws TlsFileException {
        List<TlsIdentity> identities = new ArrayList<>();
        for (IdentitySource source : sources) {
            identities.add(source.read());
        }
        TlsIdentity other = otherSource == null ? null : otherSource.read();
        return new Roster(settings, clients.read(), identities, other, old);
    }

    /** The identities that are served, the default one last. */
    public List<TlsIdentity> identities() {
        return roster.identities();
    }

    /** When the first of all certificates expires. */
    public Instant validUntil() {
        return identities().stream()
                .map(TlsIdentity::validUntil)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Where the tasks of handshakes run, or null: on the thread that drives the engine. */
    public Executor handshakeTasks() {
        return settings.handshakeTasks;
    }

    /** What each name is served with. */
    @Override
    public String toString() {
        return identities().toString();
    }

    /** Collects the settings of a {@link ServerTls}. One thread at a time. */
    public static final class Builder {
        private final TlsSettings settings = new TlsSettings();
        private final List<IdentitySource> named = new ArrayList<>();
        private IdentitySource byDefault;
        private ClientCertificates clientCertificates = ClientCertificates.NONE;
        private TrustSource clients = () -> Trust.NOBODY;

        private Builder() {}

        /** Adds an identity for the names in its certificate, read when this is built, and at each reload. */
        public Builder identity(IdentityFile file) {
            named.add(TlsSettings.present("identity", file)::read);
            return this;
        }

        /** Adds an identity for the names in its certificate, which stays at reloads. */
        public Builder identity(TlsIdentity identity) {
            TlsSettings.present("identity", identity);
            named.add(() -> identity);
            return this;
        }

        /** For all names that no other identity is for, and for clients that name none; read at each reload. */
        public Builder defaultIdentity(IdentityFile file) {
            byDefault = TlsSettings.present("defaultIdentity", file)::read;
            return this;
        }

        /** For all names that no other identity is for, and for clients that name none. */
        public Builder defaultIdentity(TlsIdentity identity) {
            TlsSettings.present("defaultIdentity", identity);
            byDefault = () -> identity;
            return this;
        }

        /**
         * The protocols to choose from, the preferred one first (RFC 7301). A client that offers some, but none of
         * these, is refused by the alert no_application_protocol; with one that offers none, none is agreed on.
         *
         * @throws IllegalArgumentException if one is empty, longer than 255 characters, not of ISO 8859-1, or there twice
         */
        public Builder alpn(String... protocols) {
            settings.protocols(protocols);
            return this;
        }

        /**
         * Asks clients for certificates.
         *
         * @param authorities a PEM file of those who may have issued them, read at each reload; without meaning for NONE
         */
        public Builder clientCertificates(ClientCertificates whether, Path authorities) {
            TlsSettings.present("authorities", authorities);
            return clients(whether, () -> Trust.of(authorities));
        }

        /** Asks clients for certificates that one of these authorities has issued. */
        public Builder clientCertificates(ClientCertificates whether, List<X509Certificate> authorities) {
            if (TlsSettings.present("authorities", authorities).isEmpty()) {
                throw new IllegalArgumentException("authorities: none");
            }
            Trust trust = Trust.of(authorities);
            return clients(whether, () -> trust);
        }

        private Builder clients(ClientCertificates whether, TrustSource source) {
            clientCertificates = TlsSettings.present("clientCertificates", whether);
            clients = whether == ClientCertificates.NONE ? () -> Trust.NOBODY : source;
            return this;
        }

        /** The versions that are spoken, at least one. */
        public Builder versions(TlsVersion... versions) {
            settings.versions(versions);
            return this;
        }

        /**
         * The cipher suites by the JDK's names, the preferred one first, instead of the defaults: at least one for each
         * version that is spoken.
         */
        public Builder cipherSuites(String... suites) {
            settings.suites = List.of(suites);
            return this;
        }

        /**
         * How many sessions are kept for each identity, 1 to 1,000,000, and how long one may be resumed, 1 s to 7 d. Those
         * in tickets are kept by clients, and aren't counted.
         */
        public Builder sessions(int most, Duration time) {
            settings.sessions(most, time);
            return this;
        }

        /** Certificates that have expired, or aren't valid yet, are served. */
        public Builder allowWrongDates() {
            settings.allowsWrongDates = true;
            return this;
        }

        /**
         * Where the tasks of handshakes run, which are most of what these cost: keys are agreed on, and what was signed
         * is checked. By default that is the thread of the connection's Reader, whose other connections wait meanwhile,
         * about a millisecond for each. Elsewhere they don't, but two more threads change hands in each handshake.
         * Worth it where key or trust managers block, RSA keys are long, or handshakes come in crowds while other
         * connections should be served as ever. A connection isn't read while its task runs; it may end, and a task
         * that throws, or that the executor refuses, ends it. So an executor may be bounded. It must run what it takes,
         * or throw: a task that it drops in silence is found out by {@code Deadlines.handshake} alone. It is not shut
         * down here.
         */
        public Builder handshakeTasks(Executor executor) {
            settings.handshakeTasks = TlsSettings.present("handshakeTasks", executor);
            return this;
        }

        /** The clock for certificates' dates; by default the system's. */
        public Builder clock(Clock clock) {
            settings.clock = TlsSettings.present("clock", clock);
            return this;
        }

        /**
         * Reads what there is to read.
         *
         * @throws TlsFileException if an identity or the authorities can't be used; it says which file, and why
         * @throws IllegalArgumentException if no identity was given, the JDK lacks a cipher suite, or a version has none;
         *     the message names the field
         */
        public ServerTls build() throws TlsFileException {
            if (named.isEmpty() && byDefault == null) {
                throw new IllegalArgumentException("identity: none; at least one is needed, or a default one");
            }
            return new ServerTls(this);
        }
    }
}
