// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.HostPattern;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which route takes a request: of those for its host, an exact name before {@code *.} and a longer one of these before a shorter
 * one, and behind them those for any host, the first in this order whose path it begins with; of several paths for one host the
 * longest comes first. Nothing is allocated to find it. Safe for any thread.
 *
 * @param <R> what routes lead to
 */
final class Routing<R> {
    /** The routes for a host, in the order in which they are tried. */
    static final class Site<R> {
        private final String name; // of the host or what is behind *., empty for any
        private final String[] prefixes; // decoded
        private final List<Leg<R>> legs;

        private Site(String name, List<Leg<R>> legs) {
            this.name = name;
            this.prefixes = legs.stream().map(Leg::decoded).toArray(String[]::new);
            this.legs = List.copyOf(legs);
        }

        /** Whether there is no route at all. */
        boolean isEmpty() {
            return prefixes.length == 0;
        }

        /** The number of the route that takes that path, which isn't odd, or -1. */
        int find(ByteBuffer target, int begin, int end) {
            for (int i = 0; i < prefixes.length; i++) {
                if (begin == end ? prefixes[i].equals("/") : Paths.beginsWith(target, begin, end, prefixes[i])) {
                    return i;
                }
            }
            return -1;
        }

        /**
         * The same for an odd one. It is taken as it is read loosely, unless a backend may read it as one that a route refuses: then
         * that is its route.
         */
        int find(OddPath path) {
            int found = -1;
            for (int i = 0; i < prefixes.length; i++) {
                if (!Paths.beginsWith(path.loose(), prefixes[i])) {
                    continue;
                }
                if (legs.get(i).refused) {
                    return i;
                }
                found = found < 0 ? i : found;
                if (Paths.beginsWith(path.plain(), prefixes[i])) {
                    return found; // no backend reads it as one of the routes behind this
                }
            }
            return found;
        }

        R way(int number) {
            return legs.get(number).way;
        }

        /** As it is in the file. */
        String prefix(int number) {
            return legs.get(number).prefix;
        }
    }

    private record Leg<R>(String prefix, String decoded, boolean refused, R way) {
        static <R> Leg<R> of(RouteConfig route, String prefix, R way) {
            ByteBuffer bytes = ByteBuffer.wrap(prefix.getBytes(StandardCharsets.ISO_8859_1));
            return new Leg<>(prefix, Paths.decoded(bytes, 0, bytes.limit()), route.upstream() == null, way);
        }
    }

    private final Site<R> any;
    private final Site<R>[] exact; // tables by hash, each with free places
    private final Site<R>[] below;

    private Routing(Site<R> any, Site<R>[] exact, Site<R>[] below) {
        this.any = any;
        this.exact = exact;
        this.below = below;
    }

    /** Makes one; {@code way} is called for each pair of a route and one of its paths. */
    static <R> Routing<R> of(List<RouteConfig> routes, Function<RouteConfig, Function<String, R>> way) {
        Map<String, List<Leg<R>>> byHost = new HashMap<>();
        byHost.put("", new ArrayList<>());
        for (RouteConfig route : routes) {
            List<String> hosts = route.hosts().isEmpty()
                    ? List.of("")
                    : route.hosts().stream().map(HostPattern::toString).toList();
            for (String path : route.paths()) {
                Leg<R> leg = Leg.of(route, path, way.apply(route).apply(path));
                hosts.forEach(host ->
                        byHost.computeIfAbsent(host, key -> new ArrayList<>()).add(leg));
            }
        }
        Comparator<Leg<R>> longest = Comparator.comparingInt(leg -> -leg.decoded.length());
        byHost.values().forEach(legs -> legs.sort(longest));
        List<Site<R>> exact = new ArrayList<>();
        List<Site<R>> below = new ArrayList<>();
        for (String host : byHost.keySet()) {
            List<Leg<R>> legs = new ArrayList<>(byHost.get(host));
            for (String wider = wider(host); wider != null; wider = wider(wider)) {
                legs.addAll(byHost.getOrDefault(wider, List.of()));
            }
            if (host.startsWith("*.")) {
                below.add(new Site<>(host.substring(2), legs));
            } else if (!host.isEmpty()) {
                exact.add(new Site<>(host, legs));
            }
        }
        return new Routing<>(new Site<>("", byHost.get("")), table(exact), table(below));
    }

    /** The next pattern that takes all hosts that this one takes: empty for any, null if this is that. */
    private static String wider(String host) {
        if (host.isEmpty()) {
            return null;
        }
        String name = host.startsWith("*.") ? host.substring(2) : host;
        int dot = name.indexOf('.');
        return dot < 0 ? "" : "*." + name.substring(dot + 1);
    }

    private static <R> Site<R>[] table(List<Site<R>> sites) {
        @SuppressWarnings({"unchecked", "rawtypes"})
        Site<R>[] table = new Site[Integer.highestOneBit(sites.size() * 2 + 1) * 2];
        for (Site<R> site : sites) {
            int hash = 0;
            for (int i = site.name.length() - 1; i >= 0; i--) {
                hash = hash(hash, site.name.charAt(i));
            }
            int at = spread(hash) & table.length - 1;
            while (table[at] != null) {
                at = at + 1 & table.length - 1;
            }
            table[at] = site;
        }
        return table;
    }

    private static int hash(int hash, int letter) {
        return hash * 31 + letter;
    }

    private static int spread(int hash) {
        return hash ^ hash >>> 15;
    }

    /**
     * The routes for a host; whether there are any {@link Site#isEmpty} says.
     *
     * @param authority a host's name, with a port or without
     */
    Site<R> site(ByteBuffer authority, int from, int limit) {
        int end = endOfName(authority, from, limit);
        Site<R> found = any;
        int hash = 0;
        for (int i = end - 1; i >= from; i--) {
            int letter = small(authority.get(i));
            if (letter == '.') {
                Site<R> wider = in(below, hash, authority, i + 1, end);
                found = wider != null ? wider : found;
            }
            hash = hash(hash, letter);
        }
        Site<R> own = in(exact, hash, authority, from, end);
        return own != null ? own : found;
    }

    /** Behind the name, without a port and without the dot of a name that is whole. */
    private static int endOfName(ByteBuffer authority, int from, int limit) {
        int end = limit;
        for (int i = limit - 1; i >= from && authority.get(i) != ']'; i--) {
            if (authority.get(i) == ':') {
                end = i;
                break;
            }
        }
        return end > from && authority.get(end - 1) == '.' ? end - 1 : end;
    }

    private static int small(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }

    private static <R> Site<R> in(Site<R>[] table, int hash, ByteBuffer host, int from, int end) {
        for (int at = spread(hash) & table.length - 1; table[at] != null; at = at + 1 & table.length - 1) {
            if (isName(table[at].name, host, from, end)) {
                return table[at];
            }
        }
        return null;
    }

    private static boolean isName(String name, ByteBuffer host, int from, int end) {
        if (name.length() != end - from) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != small(host.get(from + i))) {
                return false;
            }
        }
        return true;
    }
}
