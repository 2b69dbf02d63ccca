// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;

/**
 * How a client speaks TLS: whom it believes, how it names the server, and who it is itself. It may be used from any thread; a
 * session that one connection has made is resumed by the next to the same server.
 *
 * <table>
 * <caption>Defaults and ranges</caption>
 * <tr><th>what</th><th>default</th><th>range</th></tr>
 * <tr><td>trust</td><td>the authorities that come with the JDK</td><td>others, or anybody: {@link Builder#insecure}</td></tr>
 * <tr><td>the server's name</td><td>the host that is connected to</td><td>any host name</td></tr>
 * <tr><td>own identity</td><td>none</td><td></td></tr>
 * <tr><td>versions</td><td>TLS 1.3 and 1.2</td><td>either, or both</td></tr>
 * <tr><td>cipher suites</td><td>as those of {@link ServerTls}</td><td>what the JDK has</td></tr>
 * <tr><td>ALPN</td><td>none</td><td>1 to 255 characters each</td></tr>
 * <tr><td>sessions kept</td><td>1,024</td><td>1 to 1,000,000</td></tr>
 * <tr><td>how long one may be resumed</td><td>1 h</td><td>1 s to 7 d</td></tr>
 * </table>
 *
 * <p><b>The check.</b> The server's chain has to lead to a trusted authority, and its certificate has to be for the
 * server's name, or for the address if there is only that (RFC 9110, section 4.3.4). If a name was given, a certificate
 * for the address that is connected to doesn't count.
 *
 * <pre>{@code
 * ClientTls tls = ClientTls.builder()
 *         .trust(Path.of("ca.pem"))
 *         .serverName("backend.internal")
 *         .build();
 * SSLEngine engine = tls.engine("10.0.0.7", 8443);
 * }</pre>
 */
public final class ClientTls {
    private final TlsSettings settings;
    private final TrustSource servers;
    private final boolean isInsecure;
    private final IdentitySource identity; // null if there is none
    private final String serverName; // null for the host's
    private volatile Loaded loaded;

    /** What was read, and the context with the sessions that were made by it. */
    private record Loaded(TlsIdentity own, Trust trust, SSLContext context) {}

    private ClientTls(Builder builder) throws TlsFileException {
        settings = builder.settings.checked();
        isInsecure = builder.isInsecure;
        servers = isInsecure ? () -> Trust.ANYBODY : builder.servers == null ? Trust::system : builder.servers;
        identity = builder.identity;
        serverName = builder.serverName;
        loaded = read(null);
    }

    /** Begins with the defaults above. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * An engine in client mode for one connection. Nothing of the handshake has been done.
     *
     * @param host the name or the address that is connected to, an address of IPv6 without brackets; a dot at its end
     *     is left out. Only a name is told to the server
     * @param port the port that is connected to; sessions are kept for each host and port
     * @throws IllegalArgumentException if {@code host} is missing or empty
     */
    public SSLEngine engine(String host, int port) {
        if (host == null || host.isEmpty()) {
            throw new IllegalArgumentException("host: missing");
        }
        boolean hasDotAtEnd = host.length() > 1 && host.endsWith(".");
        String address = hasDotAtEnd ? host.substring(0, host.length() - 1) : host;
        String name = serverName == null ? address : serverName;
        SSLEngine engine = loaded.context.createSSLEngine(name, serverName == null ? port : keyOf(address, port));
        engine.setUseClientMode(true);
        SSLParameters parameters = settings.newParameters();
        parameters.setServerNames(HostNames.isHost(name) ? List.of(serverName(name)) : List.of());
        if (!isInsecure) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static SNIServerName serverName(String host) {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        try {
            return new SNIHostName(name);
        } catch (IllegalArgumentException e) {
            return new OddName(name);
        }
    }

    /** A name that the JDK doesn't take for one, such as those with underscores that containers have. */
    private static final class OddName extends SNIServerName {
        OddName(byte[] name) {
            super(StandardConstants.SNI_HOST_NAME, name);
        }
    }

    /**
     * A name that several addresses share has sessions for each of them. The JDK finds a session by name and port, and
     * uses the port for nothing else; two addresses with one number would only offer each other's sessions in vain.
     */
    private static int keyOf(String address, int port) {
        return (address.hashCode() * 31 + port) & Integer.MAX_VALUE;
    }

    /**
     * Reads all files again, for engines that are made from now on; sessions are forgotten if the identity or the trusted
     * authorities have changed. It blocks while it reads.
     *
     * @throws TlsFileException if anything is wrong with any of them; it says what, and all stays as it was
     */
    public synchronized void reload() throws TlsFileException {
        loaded = read(loaded);
    }

    private Loaded read(Loaded before) throws TlsFileException {
        TlsIdentity own = identity == null ? null : identity.read();
        if (own != null) {
            settings.requireDates(own);
        }
        Trust trust = servers.read();
        if (before != null && Objects.equals(before.own, own) && before.trust.isSameAs(trust)) {
            return before;
        }
        return new Loaded(own, trust, settings.newContext(own == null ? List.of() : List.of(own), trust));
    }

    /** Where the tasks of handshakes run, or null: on the thread that drives the engine. */
    public Executor handshakeTasks() {
        return settings.handshakeTasks;
    }

    /** Collects the settings of a {@link ClientTls}. One thread at a time. */
    public static final class Builder {
        private final TlsSettings settings = new TlsSettings();
        private TrustSource servers; // null: the system's
        private boolean isInsecure;
        private IdentitySource identity;
        private String serverName;

        private Builder() {}

        /** Believes only servers whose certificates the authorities of this PEM file have issued; read at each reload. */
        public Builder trust(Path authorities) {
            TlsSettings.present("trust", authorities);
            servers = () -> Trust.of(authorities);
            return this;
        }

        /** Believes only servers whose certificates one of these has issued. */
        public Builder trust(List<X509Certificate> authorities) {
            if (TlsSettings.present("trust", authorities).isEmpty()) {
                throw new IllegalArgumentException("trust: no authorities");
            }
            Trust trust = Trust.of(authorities);
            servers = () -> trust;
            return this;
        }

        /**
         * Believes any server, which can't be said beside {@code trust}: neither its certificate nor its name is looked at. Whoever stands between can read and change
         * everything; it only keeps those away who do nothing but listen.
         */
        public Builder insecure() {
            isInsecure = true;
            return this;
        }

        /** The name that the server is asked for, and that its certificate has to be for, instead of the host's. */
        public Builder serverName(String host) {
            if (host == null || !HostNames.isHost(host)) {
                throw new IllegalArgumentException(
                        "serverName: " + (host == null ? "missing" : Flaw.printable(host) + " is no host name"));
            }
            serverName = host;
            return this;
        }

        /** Who this client is, for servers that ask; read when this is built, and at each reload. */
        public Builder identity(IdentityFile file) {
            identity = TlsSettings.present("identity", file)::read;
            return this;
        }

        /** Who this client is, for servers that ask. */
        public Builder identity(TlsIdentity own) {
            TlsSettings.present("identity", own);
            identity = () -> own;
            return this;
        }

        /**
         * The protocols that are offered, the preferred one first (RFC 7301).
         *
         * @throws IllegalArgumentException if one is empty, longer than 255 characters, not of ISO 8859-1, or there twice
         */
        public Builder alpn(String... protocols) {
            settings.protocols(protocols);
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

        /** How many sessions are kept, 1 to 1,000,000, and how long one may be resumed, 1 s to 7 d. */
        public Builder sessions(int most, Duration time) {
            settings.sessions(most, time);
            return this;
        }

        /** An own certificate that has expired, or isn't valid yet, is used. */
        public Builder allowWrongDates() {
            settings.allowsWrongDates = true;
            return this;
        }

        /** As {@link ServerTls.Builder#handshakeTasks}: by default tasks run on the thread of the connection's Reader. */
        public Builder handshakeTasks(Executor executor) {
            settings.handshakeTasks = TlsSettings.present("handshakeTasks", executor);
            return this;
        }

        /** The clock for the own certificate's dates; by default the system's. Those of servers' are checked by the JDK. */
        public Builder clock(Clock clock) {
            settings.clock = TlsSettings.present("clock", clock);
            return this;
        }

        /**
         * Reads what there is to read.
         *
         * @throws TlsFileException if the identity or the authorities can't be used; it says which file, and why
         * @throws IllegalArgumentException if there are trusted authorities and it is insecure, the JDK lacks a cipher
         *     suite, or a version has none; the message names the field
         */
        public ClientTls build() throws TlsFileException {
            if (isInsecure && servers != null) {
                throw new IllegalArgumentException("insecure: there are trusted authorities as well; leave one out");
            }
            return new ClientTls(this);
        }
    }
}
