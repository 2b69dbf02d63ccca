// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Output;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a proxy sends in front of its client's bytes, to say whose they are: the header of the PROXY protocol. Immutable,
 * with {@code equals}; the {@code with} methods return changed copies. {@link ProxyHeaderFramer} reads it, and
 * {@link #encode} writes it.
 *
 * <p>Believe it from nobody but one's own proxies: whoever may send it says of himself what he likes (section 5).
 *
 * <p>There are three sorts:
 *
 * <ul>
 *   <li>of a client: {@link Command#PROXY} with a {@linkplain #source source} and a {@linkplain #destination destination};
 *   <li>of a client of whom nothing is told: {@link Command#PROXY} with {@link Family#UNSPEC};
 *   <li>of the proxy itself, such as a check of whether one is well: {@link Command#LOCAL}.
 * </ul>
 *
 * <p>In the last two, the connection's own addresses are the ones to use, and there are no TLVs.
 *
 * <pre>{@code
 * ProxyHeader header = ProxyHeader.of(ProxyVersion.V2, clientAddress, ownAddress).withAuthority("example.org").withChecksum();
 * header.encode(out);
 * }</pre>
 */
public final class ProxyHeader {
    /** Who has made the connection. */
    public enum Command {
        /** The proxy, for itself. */
        LOCAL,
        /** The proxy, for a client. */
        PROXY
    }

    /** What sort of addresses there are. */
    public enum Family {
        /** None. */
        UNSPEC,
        /** IPv4. */
        INET,
        /** IPv6, or IPv4 written as such. */
        INET6,
        /** Unix domain sockets. */
        UNIX
    }

    /** What sort of socket the client has. */
    public enum Transport {
        /** It isn't told. */
        UNSPEC,
        /** A stream, such as TCP. */
        STREAM,
        /** Datagrams, such as UDP. */
        DGRAM
    }

    /** Most bytes of the path of a Unix domain socket, in UTF-8. */
    public static final int MAX_PATH_BYTES = 108;

    static final int MAX_BLOCK_BYTES = 0xFFFF;

    private final ProxyVersion version;
    private final Command command;
    private final Family family;
    private final Transport transport;
    private final SocketAddress source;
    private final SocketAddress destination;
    private final List<ProxyTlv> tlvs;
    private final boolean hasChecksum;

    /** Takes everything as it is: callers have checked it. */
    private ProxyHeader(
            ProxyVersion version,
            Command command,
            Family family,
            Transport transport,
            SocketAddress source,
            SocketAddress destination,
            List<ProxyTlv> tlvs,
            boolean hasChecksum) {
        this.version = version;
        this.command = command;
        this.family = family;
        this.transport = transport;
        this.source = source;
        this.destination = destination;
        this.tlvs = tlvs;
        this.hasChecksum = hasChecksum;
    }

    /**
     * What was read.
     *
     * @param tlvs without the checksum and without NOOP
     */
    static ProxyHeader read(
            ProxyVersion version,
            Family family,
            Transport transport,
            SocketAddress source,
            SocketAddress destination,
            List<ProxyTlv> tlvs,
            boolean hasChecksum) {
        return new ProxyHeader(
                version, Command.PROXY, family, transport, source, destination, List.copyOf(tlvs), hasChecksum);
    }

    /**
     * The header of a client that has a stream socket. If one address is IPv4 and the other IPv6, both are written as IPv6.
     *
     * @param source the client's address
     * @param destination the address that it has connected to
     * @throws IllegalArgumentException as {@link #of(ProxyVersion, Transport, SocketAddress, SocketAddress)}
     */
    public static ProxyHeader of(ProxyVersion version, SocketAddress source, SocketAddress destination) {
        return of(version, Transport.STREAM, source, destination);
    }

    /**
     * The header of a client.
     *
     * @param version {@link ProxyVersion#V1} takes streams over IP only
     * @param transport a stream or datagrams
     * @param source the client's address; a Unix domain socket without a name has an empty path
     * @param destination the address that it has connected to
     * @throws IllegalArgumentException if the two are no pair of resolved IP addresses and no pair of Unix domain sockets,
     *     if a path has more than {@link #MAX_PATH_BYTES} bytes, or if this version can't say it
     */
    public static ProxyHeader of(
            ProxyVersion version, Transport transport, SocketAddress source, SocketAddress destination) {
        Family family = family(source, destination);
        if (transport == Transport.UNSPEC) {
            throw new IllegalArgumentException("transport: UNSPEC has no addresses; take unknown()");
        }
        if (version == ProxyVersion.V1 && (family == Family.UNIX || transport != Transport.STREAM)) {
            throw new IllegalArgumentException("version: V1 has streams over IP only");
        }
        return new ProxyHeader(version, Command.PROXY, family, transport, source, destination, List.of(), false);
    }

    /**
     * The header of a client of whom nothing is told. Receivers are free to refuse it (sections 2.1 and 2.2), as HAProxy does
     * in version 2.
     */
    public static ProxyHeader unknown(ProxyVersion version) {
        return new ProxyHeader(version, Command.PROXY, Family.UNSPEC, Transport.UNSPEC, null, null, List.of(), false);
    }

    /** The header of a proxy that has made the connection for itself; there is one in version 2 only. */
    public static ProxyHeader local() {
        return new ProxyHeader(
                ProxyVersion.V2, Command.LOCAL, Family.UNSPEC, Transport.UNSPEC, null, null, List.of(), false);
    }

    private static Family family(SocketAddress source, SocketAddress destination) {
        if (source instanceof InetSocketAddress from && destination instanceof InetSocketAddress to) {
            if (from.isUnresolved() || to.isUnresolved()) {
                throw new IllegalArgumentException("source, destination: one is a name without an address");
            }
            boolean both4 = from.getAddress() instanceof Inet4Address && to.getAddress() instanceof Inet4Address;
            return both4 ? Family.INET : Family.INET6;
        }
        if (source instanceof UnixDomainSocketAddress from && destination instanceof UnixDomainSocketAddress to) {
            if (path(from).length > MAX_PATH_BYTES || path(to).length > MAX_PATH_BYTES) {
                throw new IllegalArgumentException(
                        "source, destination: a path has more than " + MAX_PATH_BYTES + " bytes");
            }
            return Family.UNIX;
        }
        throw new IllegalArgumentException("source, destination: neither two IP addresses nor two Unix domain sockets");
    }

    static byte[] path(UnixDomainSocketAddress address) {
        return address.getPath().toString().getBytes(StandardCharsets.UTF_8);
    }

    // ---- what it says

    /** How it was written, or is to be. */
    public ProxyVersion version() {
        return version;
    }

    /** Who has made the connection. */
    public Command command() {
        return command;
    }

    /** What sort of addresses there are. */
    public Family family() {
        return family;
    }

    /** What sort of socket the client has. */
    public Transport transport() {
        return transport;
    }

    /**
     * The client's address; null if {@link #family} is {@link Family#UNSPEC}, or {@link Family#UNIX} with a name that is no
     * path here, such as one of Linux' abstract ones. An IPv4 address that was written as IPv6 is an IPv4 address.
     */
    public SocketAddress source() {
        return source;
    }

    /** The address that the client has connected to; null as for {@link #source}. */
    public SocketAddress destination() {
        return destination;
    }

    /** All TLVs in their order, those of unknown types too, without the checksum and without {@link ProxyTlv#NOOP}. */
    public List<ProxyTlv> tlvs() {
        return tlvs;
    }

    /** Says whether a checksum was there, and right, or is to be written. */
    public boolean hasChecksum() {
        return hasChecksum;
    }

    /** The protocol that TLS has negotiated, one character for each byte (ISO 8859-1); null if it isn't told. */
    public String alpn() {
        return ProxyTlvs.text(tlvs, ProxyTlv.ALPN, StandardCharsets.ISO_8859_1);
    }

    /** The host that the client asked for, any UTF-8 text, not checked to be a name; null if it isn't told. */
    public String authority() {
        return ProxyTlvs.text(tlvs, ProxyTlv.AUTHORITY, StandardCharsets.UTF_8);
    }

    /** A name for the connection, of up to 128 bytes of any value; null if there is none. */
    public ByteBuffer uniqueId() {
        return ProxyTlvs.find(tlvs, ProxyTlv.UNIQUE_ID);
    }

    /** What is known of the client's TLS; null if nothing is told. */
    public ProxySsl ssl() {
        ByteBuffer value = ProxyTlvs.find(tlvs, ProxyTlv.SSL);
        try {
            return value == null ? null : ProxySsl.of(value);
        } catch (FrameException e) {
            throw new IllegalStateException("a TLV that was checked", e);
        }
    }

    /** The name of the connection's network namespace; null if it isn't told. */
    public String netns() {
        return ProxyTlvs.text(tlvs, ProxyTlv.NETNS, StandardCharsets.US_ASCII);
    }

    // ---- what it is to say

    /**
     * The same with a TLV more.
     *
     * @throws IllegalArgumentException if there can be none (version 1, {@link Command#LOCAL}, {@link Family#UNSPEC}), if it
     *     is one that may stand once and does, if its value is none of its type, if it is {@link ProxyTlv#CRC32C}, for which
     *     there is {@link #withChecksum}, or if the header gets longer than 65,551 bytes
     */
    public ProxyHeader with(ProxyTlv tlv) {
        requireRoomForTlvs();
        String fault = ProxyTlvs.fault(tlv, false);
        if (tlv.type() == ProxyTlv.CRC32C) {
            fault = "a checksum is written by withChecksum()";
        } else if (ProxyTlvs.isOnce(tlv.type(), false) && ProxyTlvs.find(tlvs, tlv.type()) != null) {
            fault = "a TLV that may stand once is repeated";
        } else if (tlv.type() == ProxyTlv.SSL) {
            try {
                ProxySsl.of(tlv.value());
            } catch (FrameException e) {
                fault = e.what();
            }
        }
        if (fault != null) {
            throw new IllegalArgumentException("tlv: " + fault);
        }
        List<ProxyTlv> more = new ArrayList<>(tlvs);
        more.add(tlv);
        return withTlvs(List.copyOf(more), hasChecksum);
    }

    /** The same with the protocol that TLS has negotiated, one byte for each character; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withAlpn(String protocol) {
        if (protocol.chars().anyMatch(c -> c > 0xFF)) {
            throw new IllegalArgumentException("protocol: a character is above U+00FF");
        }
        return with(new ProxyTlv(ProxyTlv.ALPN, StandardCharsets.ISO_8859_1.encode(protocol)));
    }

    /** The same with the host that the client asked for; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withAuthority(String host) {
        return with(new ProxyTlv(ProxyTlv.AUTHORITY, StandardCharsets.UTF_8.encode(host)));
    }

    /** The same with a name for the connection, up to 128 bytes; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withUniqueId(ByteBuffer id) {
        return with(new ProxyTlv(ProxyTlv.UNIQUE_ID, id));
    }

    /** The same with what is known of the client's TLS; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withSsl(ProxySsl ssl) {
        return with(ssl.toTlv());
    }

    /** The same with the name of a network namespace, ASCII; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withNetns(String name) {
        return with(new ProxyTlv(ProxyTlv.NETNS, StandardCharsets.UTF_8.encode(name)));
    }

    /** The same with a checksum, which {@link #encode} computes; else as {@link #with(ProxyTlv)}. */
    public ProxyHeader withChecksum() {
        requireRoomForTlvs();
        return withTlvs(tlvs, true);
    }

    /**
     * The same as far as another version can say it, for whoever passes it on. In version 1 there are no TLVs, and what is
     * no stream over IP is unknown.
     */
    public ProxyHeader inVersion(ProxyVersion other) {
        if (other == version) {
            return this;
        }
        boolean isTold = transport == Transport.STREAM && (family == Family.INET || family == Family.INET6);
        return isTold
                ? new ProxyHeader(other, command, family, transport, source, destination, List.of(), false)
                : unknown(other);
    }

    private void requireRoomForTlvs() {
        if (version == ProxyVersion.V1 || family == Family.UNSPEC) {
            throw new IllegalArgumentException("TLVs stand in version 2 only, behind addresses");
        }
    }

    private ProxyHeader withTlvs(List<ProxyTlv> newTlvs, boolean newHasChecksum) {
        ProxyHeader changed =
                new ProxyHeader(version, command, family, transport, source, destination, newTlvs, newHasChecksum);
        if (ProxyBlock.blockBytes(changed) > MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("tlvs: the header is longer than 65,551 bytes");
        }
        return changed;
    }

    /**
     * Writes the header in its {@linkplain #version version}, as {@code ProxyHeader::encode} an {@link
     * dev.sluice.frame.Encoder}. It goes in front of everything else on a connection, in one write. TLVs that were read keep
     * their order; a checksum is the first.
     */
    public void encode(Output out) {
        out.put(version == ProxyVersion.V1 ? ProxyLine.encode(this) : ProxyBlock.encode(this));
    }

    /** An address without a name, of 4 or 16 bytes. */
    static InetSocketAddress inet(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address of " + address.length + " bytes", e);
        }
    }

    /** The bytes of an IP address as its family has them. */
    static byte[] inetBytes(SocketAddress address, Family family) {
        byte[] bytes = ((InetSocketAddress) address).getAddress().getAddress();
        if (family == Family.INET || bytes.length == 16) {
            return bytes;
        }
        byte[] mapped = new byte[16]; // RFC 4291, section 2.5.5.2
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }

    // ---- the value

    @Override
    public boolean equals(Object other) {
        return other instanceof ProxyHeader that
                && version == that.version
                && command == that.command
                && family == that.family
                && transport == that.transport
                && Objects.equals(source, that.source)
                && Objects.equals(destination, that.destination)
                && tlvs.equals(that.tlvs)
                && hasChecksum == that.hasChecksum;
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, command, family, transport, source, destination, tlvs, hasChecksum);
    }

    /** All of it but the values of TLVs, which may be anything; safe to be logged. */
    @Override
    public String toString() {
        return version + " " + command + " " + family + " " + transport + " " + text(source) + " " + text(destination)
                + " " + tlvs + (hasChecksum ? " checked" : "");
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = IpText.text(inet.getAddress().getAddress());
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return address == null ? "-" : "unix:" + PeerText.of(address.toString());
    }
}
