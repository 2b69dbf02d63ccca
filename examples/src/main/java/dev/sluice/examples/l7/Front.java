// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.examples.proxy.ListenerCounts;
import dev.sluice.http.HttpContent;
import dev.sluice.http.HttpReceiver;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpStreamHandler;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/** Finds the way of each request of a listener. On its Readers; what they find may be replaced by any thread. */
final class Front implements HttpStreamHandler {
    /** Where a route leads to; {@code pool} is null if requests are refused, {@code body} -1 for no limit of its own. */
    record Leg(BackendPool pool, long body, boolean replaces) {}

    /** What is asked for each request. */
    record Ways(Routing<Leg> routing, List<BackendPool> all) {}

    private final ListenerCounts counts;
    private volatile Ways ways;
    private volatile boolean leaving;
    private Server server; // null before the start; under this

    Front(ListenerCounts counts, Ways ways) {
        this.counts = counts;
        this.ways = ways;
    }

    /** Replaces what is asked. */
    synchronized void become(Ways next) {
        if (server != null) {
            next.all.forEach(pool -> pool.proxy().starting(server));
        }
        ways = next;
    }

    /** From now on each reply is the last on its connection. */
    void leave() {
        leaving = true;
    }

    @Override
    public Set<Protocol.Trait> traits() {
        return Set.of(Protocol.Trait.BOUND_TO_READER);
    }

    @Override
    public synchronized void starting(Server itsServer) {
        server = itsServer;
        ways.all.forEach(pool -> pool.proxy().starting(itsServer));
    }

    @Override
    public HttpReceiver handle(HttpRequest request, HttpReply reply) throws Exception {
        if (leaving) {
            reply.thenClose();
        }
        if (request.method().equals("CONNECT")) {
            reply.sendError(501, "no tunnels are made here");
            return null;
        }
        Leg leg = leg(request, reply);
        if (leg == null) {
            return null; // it was answered
        }
        if (leg.pool == null) {
            counts.unrouted.increment();
            reply.sendError(403, "this is not for you");
            return null;
        }
        if (leg.body >= 0 && request.contentLength() > leg.body) {
            reply.sendError(413, "the body is longer than " + leg.body + " bytes");
            return null;
        }
        HttpReceiver receiver = leg.pool.proxy().handle(request, reply);
        return receiver != null && leg.body >= 0 && request.isChunked() ? new Bounded(receiver, leg.body) : receiver;
    }

    /** The route that takes a request, or null if there is none, which its client is told. */
    private Leg leg(HttpRequest request, HttpReply reply) {
        Routing<Leg> routing = ways.routing;
        ByteBuffer target = request.targetBytes();
        int begin = Paths.begin(target);
        int end = Paths.end(target, begin);
        boolean odd = Paths.isOdd(target, begin, end);
        boolean isServer = target.get(target.position()) == '*'; // of OPTIONS: the server itself
        OddPath path = odd ? OddPath.read(target, begin, end) : null;
        if (odd && path == null) {
            reply.sendError(400, "the path has segments . or .., a backslash, %2F, %5C, %00, or a wrong percent sign");
            return null;
        }
        int authority = Paths.authority(target);
        Routing.Site<Leg> site;
        if (authority >= 0) {
            site = routing.site(target, authority, begin);
        } else {
            int host = request.fields().find("Host", 0);
            ByteBuffer name = host < 0 ? target : request.fields().valueBytes(host);
            site = routing.site(name, name.position(), host < 0 ? name.position() : name.limit());
        }
        int number = -1;
        if (isServer) {
            number = site.find(target, end, end);
        } else if (odd) {
            number = site.find(path);
        } else {
            number = site.find(target, begin, end);
        }
        if (number < 0) {
            counts.unrouted.increment();
            if (site.isEmpty()) {
                reply.sendError(421, "there is no such host here");
            } else {
                reply.sendError(404, "there is nothing of that name here");
            }
            return null;
        }
        Leg leg = site.way(number);
        if (leg.replaces && odd && !Paths.beginsWith(request.targetBytes(), begin, end, site.prefix(number))) {
            reply.sendError(400, "write the beginning of the path plainly");
            return null;
        }
        return leg;
    }

    /** Ends a connection whose body, of a length that it hasn't said, is too long. */
    private static final class Bounded implements HttpReceiver {
        private final HttpReceiver receiver;
        private final long most;
        private long bytes;

        Bounded(HttpReceiver receiver, long most) {
            this.receiver = receiver;
            this.most = most;
        }

        @Override
        public void receive(HttpContent part, HttpReply reply) throws Exception {
            bytes += part.bytes().remaining();
            if (bytes > most) {
                reply.connection().close();
                return;
            }
            receiver.receive(part, reply);
        }

        @Override
        public void ended() {
            receiver.ended();
        }
    }
}
