// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * Where a server listens.
 *
 * @param address a resolved {@code InetSocketAddress}, or a {@code UnixDomainSocketAddress}
 * @param backlog connections that the kernel keeps until they are accepted, 1 to 65,535; the kernel may cut it (Linux:
 *     {@code net.core.somaxconn})
 * @param connections connections accepted here that are held at the same time, 1 to 100,000,000; {@link Limits#connections}
 *     holds as well, for all endpoints together. What happens when they are held is {@link Limits#whenFull}
 */
public record Endpoint(SocketAddress address, int backlog, int connections) {
    private static final int DEFAULT_BACKLOG = 4096;
    private static final int MOST_CONNECTIONS = 100_000_000;

    /** Checks that there is an address. */
    public Endpoint {
        Check.present("endpoint.address", address);
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

    /** A Unix domain socket; the file must not exist, and is deleted when the server stops. */
    public static Endpoint unix(Path path) {
        return of(UnixDomainSocketAddress.of(path));
    }

    /** Any address that a server socket can be bound to. */
    public static Endpoint of(SocketAddress address) {
        return new Endpoint(address, DEFAULT_BACKLOG, MOST_CONNECTIONS);
    }

    /** The same with another backlog. */
    public Endpoint withBacklog(int newBacklog) {
        return new Endpoint(address, newBacklog, connections);
    }

    /** The same with another number of connections held at the same time. */
    public Endpoint withConnections(int number) {
        return new Endpoint(address, backlog, number);
    }

    boolean isTcp() {
        return address instanceof InetSocketAddress;
    }

    void check(Topology topology) {
        Check.range("endpoint.backlog of " + this, backlog, 1, 65_535);
        Check.range("endpoint.connections of " + this, connections, 1, MOST_CONNECTIONS);
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException("endpoint.address: " + inet.getHostString() + " has no address here");
        }
        if (topology.listenerPerLoop() && !isTcp()) {
            throw new IllegalArgumentException("endpoint.address: " + this
                    + " cannot be used with Topology.reusePort, which needs TCP; use acceptorAndReaders");
        }
    }

    /** The address as text. */
    @Override
    public String toString() {
        return Addresses.text(address);
    }
}
