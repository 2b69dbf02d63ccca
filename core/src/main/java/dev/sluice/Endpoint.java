// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.tls.ServerTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;

/**
 * Where a server listens: a TCP address, a Unix domain socket, or a socket that it was started with. A value of this
 * class never changes: the {@code with} methods return changed copies. The server checks it at start.
 *
 * <table>
 * <caption>Which address takes which clients</caption>
 * <tr><th>address</th><th>as text</th><th>clients</th></tr>
 * <tr><td>{@code tcp(7000)}</td><td>{@code tcp://*:7000}, {@code tcp://[::]:7000}</td>
 *     <td>IPv6 and IPv4, at any address of the machine; IPv4 alone where there is no IPv6, or where the JVM was started
 *     with {@code java.net.preferIPv4Stack}. IPv4 clients are seen with their IPv4 address. Plain Java can't listen on
 *     {@code [::]} for IPv6 alone: it clears {@code IPV6_V6ONLY} whatever the machine is set to</td></tr>
 * <tr><td>{@code tcp("0.0.0.0", 7000)}</td><td>{@code tcp://0.0.0.0:7000}</td>
 *     <td>IPv4, at any address (a channel that is opened as the JDK's default would take IPv6 here too)</td></tr>
 * <tr><td>{@code tcp("::1", 7000)}</td><td>{@code tcp://[::1]:7000}</td><td>IPv6, at that address</td></tr>
 * <tr><td>{@code tcp("127.0.0.1", 7000)}</td><td>{@code tcp://127.0.0.1:7000}</td>
 *     <td>IPv4, at that address</td></tr>
 * <tr><td>{@code unix(Path.of("/run/x.sock"))}</td><td>{@code unix:/run/x.sock}</td>
 *     <td>processes of this machine that may write to the file</td></tr>
 * <tr><td>{@code inherited()}</td><td>{@code inherited:}</td><td>whom the socket was made for by whoever started this
 *     process</td></tr>
 * </table>
 */
public final class Endpoint {
    static final int DEFAULT_BACKLOG = 4096;
    private static final int LARGEST_BACKLOG = 65_535;
    private static final int MOST_CONNECTIONS = 100_000_000;

    private final SocketAddress address; // null for the inherited listener
    private final int backlog; // 0 for the inherited listener, unless somebody has set it
    private final int connections;
    private final TcpOptions options;
    private final Set<PosixFilePermission> permissions; // null for the umask's
    private final ProxyProtocol proxyProtocol; // null for none
    private final ServerTls tls; // null for none
    private final TlsStart tlsStart; // null for none

    private Endpoint(
            SocketAddress address,
            int backlog,
            int connections,
            TcpOptions options,
            Set<PosixFilePermission> permissions,
            ProxyProtocol proxyProtocol,
            ServerTls tls,
            TlsStart tlsStart) {
        this.address = address;
        this.backlog = backlog;
        this.connections = connections;
        this.options = options;
        this.permissions = permissions;
        this.proxyProtocol = proxyProtocol;
        this.tls = tls;
        this.tlsStart = tlsStart;
    }

    /**
     * A TCP address.
     *
     * @param host a name or a literal address of this machine; a name is looked up here and now
     * @param port 0 to 65,535; 0 takes a free one
     * @throws IllegalArgumentException if the port is out of range
     */
    public static Endpoint tcp(String host, int port) {
        Check.range("endpoint.port", port, 0, 65_535);
        return of(new InetSocketAddress(host, port));
    }

    /**
     * A port at every address of this machine, IPv6 and IPv4.
     *
     * @param port 0 to 65,535; 0 takes a free one
     * @throws IllegalArgumentException if the port is out of range
     */
    public static Endpoint tcp(int port) {
        Check.range("endpoint.port", port, 0, 65_535);
        try {
            return of(new InetSocketAddress(InetAddress.getByAddress(new byte[16]), port));
        } catch (UnknownHostException e) {
            throw new AssertionError("sixteen bytes are an address", e);
        }
    }

    /**
     * A Unix domain socket. A socket file on which nobody listens, left behind by a server that was killed, is replaced; a
     * live one, or a file of any other kind, is never touched, and refused at start. When the server stops it deletes the
     * file, unless another has taken its place.
     */
    public static Endpoint unix(Path path) {
        return of(UnixDomainSocketAddress.of(path));
    }

    /** Any address that a server socket can be bound to. */
    public static Endpoint of(SocketAddress address) {
        Check.present("endpoint.address", address);
        return new Endpoint(address, DEFAULT_BACKLOG, MOST_CONNECTIONS, TcpOptions.defaults(), null, null, null, null);
    }

    /**
     * The listening socket that this process was started with as its descriptor 0, as systemd ({@code StandardInput=socket},
     * {@code Accept=no}) or inetd ({@code wait}) passes it. While whoever started it keeps the socket too, clients that come
     * between one server and the next wait in the kernel's backlog and none is refused.
     *
     * <p>When the server stops it closes the socket, and the JDK then points descriptors 0, 1 and 2 at nothing: what the
     * process says after that has to go to a file or a logging service. One server of a process can listen on it, once.
     */
    public static Endpoint inherited() {
        return new Endpoint(null, 0, MOST_CONNECTIONS, TcpOptions.defaults(), null, null, null, null);
    }

    /**
     * An endpoint from text, strictly: {@code tcp://HOST:PORT}, {@code unix:PATH} or {@code inherited:}, and after a
     * {@code ?} settings joined by {@code &}, each at most once.
     *
     * <ul>
     *   <li>{@code HOST} is a name, which is looked up here and now, an IPv4 address of four decimal numbers, an IPv6
     *       address in brackets, or {@code *}, which is {@code [::]}. {@code PORT} is 0 to 65535.
     *   <li>In {@code PATH} the characters {@code %} and {@code ?} and those that can't be seen are written as {@code %}
     *       and two hexadecimal digits for each byte of UTF-8.
     *   <li>Settings: {@code backlog=N}; {@code connections=N}; {@code permissions=rw-rw----}, for {@code unix:} only;
     *       {@code proxyProtocol=NETWORK,...} as {@link ProxyProtocol#requiredFrom} takes them; and those of
     *       {@link TcpOptions}: {@code noDelay=true|false}, {@code keepAlive=on|off} or {@code keepAlive=IDLE,INTERVAL,PROBES}
     *       in seconds, {@code receiveBuffer=BYTES}, {@code sendBuffer=BYTES}, {@code trafficClass=N},
     *       {@code resetOnClose=true|false}.
     * </ul>
     *
     * @throws IllegalArgumentException if the text is anything else; the message says what is wrong, and where
     */
    public static Endpoint parse(String text) {
        return new EndpointText(Check.present("endpoint", text)).parse();
    }

    /** The address to bind to, or null for the inherited listener, which is bound already. */
    public SocketAddress address() {
        return address;
    }

    /** Connections that the kernel keeps until they are accepted; 0 for the inherited listener, where it was set before. */
    public int backlog() {
        return backlog;
    }

    /** Connections accepted here that are held at the same time. */
    public int connections() {
        return connections;
    }

    /** What the kernel is told about each accepted socket. */
    public TcpOptions options() {
        return options;
    }

    /** The permissions of a Unix domain socket's file, or null if they are left to the umask. */
    public Set<PosixFilePermission> permissions() {
        return permissions;
    }

    /**
     * The same with another backlog: 1 to 65,535; by default 4,096, or what the kernel grants. That is Linux's
     * {@code net.core.somaxconn}; the server warns at start if it is less than what was asked for here. Not for the
     * inherited listener.
     */
    public Endpoint withBacklog(int newBacklog) {
        return new Endpoint(address, newBacklog, connections, options, permissions, proxyProtocol, tls, tlsStart);
    }

    /**
     * The same with another number of connections held at the same time: 1 to 100,000,000, by default the most.
     * {@link Limits#connections} holds as well, for all endpoints together. What happens when they are held is
     * {@link Limits#whenFull}.
     */
    public Endpoint withConnections(int number) {
        return new Endpoint(address, backlog, number, options, permissions, proxyProtocol, tls, tlsStart);
    }

    /** The same with other options for accepted sockets; by default {@link TcpOptions#defaults}. */
    public Endpoint withOptions(TcpOptions newOptions) {
        return new Endpoint(
                address,
                backlog,
                connections,
                Check.present("endpoint.options", newOptions),
                permissions,
                proxyProtocol,
                tls,
                tlsStart);
    }

    /**
     * The same with permissions for the file of a Unix domain socket, whatever the umask is. Who may write to it may
     * connect, and at no moment may others: the socket is made in a directory of this user's alone, which is beside the
     * file for that long, and appears in its place with its permissions. The path may be at most 99 bytes long then. Needs
     * a file system with POSIX permissions and hard links.
     */
    public Endpoint withPermissions(Set<PosixFilePermission> newPermissions) {
        return new Endpoint(
                address, backlog, connections, options, Set.copyOf(newPermissions), proxyProtocol, tls, tlsStart);
    }

    /** How it speaks TLS, or null if it doesn't. */
    public ServerTls tls() {
        return tls;
    }

    /**
     * The same with TLS: the protocol is told of a connection when its handshake is over, and {@link Connection#tlsInfo} has what was
     * agreed on. The handshake is within {@link Deadlines#handshake}. A PROXY header, if one is required, comes before it, in clear.
     * What a protocol has to say to clients that find no room is not said, as nobody could read it.
     */
    public Endpoint withTls(ServerTls newTls) {
        return with(newTls, TlsStart.AT_ONCE);
    }

    /**
     * The same for clients with TLS and clients without it: the first byte of each says which it is (22 begins a handshake of TLS,
     * and no text). {@link Connection#tlsInfo} tells the handler. The first byte is within {@link Deadlines#handshake}, as is the
     * handshake if there is one; the protocol is told of the connection behind that. A PROXY header, if one is required, comes before
     * it, in clear.
     *
     * <p>Not for protocols in which the server speaks first, or the client may be silent: a client without TLS that waits for the
     * server waits in vain, until the deadline. And not in place of TLS: whoever stands between can see to it that a client which
     * would do without has none.
     */
    public Endpoint withTlsOrPlain(ServerTls newTls) {
        return with(newTls, TlsStart.IF_CLIENT_DOES);
    }

    /**
     * The same with TLS that begins where the protocol says so, as SMTP, IMAP and LDAP have STARTTLS, and PostgreSQL has its
     * SSLRequest: by {@link Reply#thenStartTls}, or by {@link Connection#startTls} of a {@link DuplexProtocol}. Until then connections
     * are in clear. The protocol is told of a connection at once, and by {@link Protocol#secured} when the handshake is over, which is
     * within {@link Deadlines#handshake}.
     */
    public Endpoint withStartTls(ServerTls newTls) {
        return with(newTls, TlsStart.ON_COMMAND);
    }

    private Endpoint with(ServerTls newTls, TlsStart start) {
        return new Endpoint(
                address,
                backlog,
                connections,
                options,
                permissions,
                proxyProtocol,
                Check.present("endpoint.tls", newTls),
                start);
    }

    /** When TLS begins, or null if there is none. */
    TlsStart tlsStart() {
        return tlsStart;
    }

    /** From whom headers of the PROXY protocol are required, or null if that isn't spoken. */
    public ProxyProtocol proxyProtocol() {
        return proxyProtocol;
    }

    /**
     * The same behind proxies that say whose each connection is, by the PROXY protocol.
     * {@link Connection#remoteAddress} is the client's then, and the protocol is told of a connection once its header
     * has come, for which there is {@link Deadlines#frame}; {@link Deadlines#firstByte} begins behind it. Limits by
     * source count the proxies.
     */
    public Endpoint withProxyProtocol(ProxyProtocol required) {
        return new Endpoint(
                address,
                backlog,
                connections,
                options,
                permissions,
                Check.present("endpoint.proxyProtocol", required),
                tls,
                tlsStart);
    }

    boolean isTcp() {
        return address instanceof InetSocketAddress;
    }

    boolean isUnix() {
        return address instanceof UnixDomainSocketAddress;
    }

    boolean isInherited() {
        return address == null;
    }

    /** The same at the address where a listener has been bound. */
    Endpoint at(SocketAddress bound) {
        return new Endpoint(bound, backlog, connections, options, permissions, proxyProtocol, tls, tlsStart);
    }

    void check(Topology topology) {
        if (isInherited()) {
            if (backlog != 0) {
                throw new IllegalArgumentException("endpoint.backlog of inherited: " + backlog
                        + " cannot be set, for the socket listens already; set it where that is opened");
            }
        } else {
            Check.range("endpoint.backlog of " + where(), backlog, 1, LARGEST_BACKLOG);
        }
        Check.range("endpoint.connections of " + where(), connections, 1, MOST_CONNECTIONS);
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException("endpoint.address: " + inet.getHostString() + " has no address here");
        }
        if (permissions != null && !isUnix()) {
            throw new IllegalArgumentException(
                    "endpoint.permissions of " + where() + ": only the file of a Unix domain socket has permissions");
        }
        if (topology.listenerPerLoop() && !isTcp()) {
            throw new IllegalArgumentException("endpoint.address: " + where()
                    + " cannot be used with Topology.reusePort, which needs TCP; use acceptorAndReaders");
        }
        options.check();
    }

    /** Whether both can't be listened on by one server. */
    boolean isSamePlaceAs(Endpoint other) {
        boolean anyPort = address instanceof InetSocketAddress inet && inet.getPort() == 0;
        return Objects.equals(address, other.address) && !anyPort;
    }

    /** The address as people write it, without scheme and settings: for messages. */
    String where() {
        return isInherited() ? "inherited" : Addresses.text(address);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that
                && Objects.equals(address, that.address)
                && backlog == that.backlog
                && connections == that.connections
                && options.equals(that.options)
                && Objects.equals(permissions, that.permissions)
                && Objects.equals(proxyProtocol, that.proxyProtocol)
                && Objects.equals(tls, that.tls)
                && tlsStart == that.tlsStart;
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, backlog, connections, options, permissions, proxyProtocol, tls, tlsStart);
    }

    /**
     * The endpoint as the text that {@link #parse} makes it from, with the settings that aren't the default. TLS is none of
     * them: it needs keys, which no text has.
     */
    @Override
    public String toString() {
        return EndpointText.of(this);
    }
}
