// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Chooses a handler by method and path.
 *
 * <pre>{@code
 * HttpHandler site = HttpRouter.builder()
 *         .route("GET", "/hello", (request, reply) -> reply.send("text/plain", "hello\n"))
 *         .route("GET", "/users/{id}", (request, reply, path) -> reply.send("text/plain", path.get("id")))
 *         .build();
 * }</pre>
 *
 * <p>Fixed paths come first, then those with segments in braces, in the order in which they were given; such a segment
 * stands for any one that isn't empty. Segments are compared decoded ({@link HttpTarget}). HEAD goes to GET's handler
 * if it has none of its own. What has no route is answered with 404; a path that has some, but not of that method, with
 * 405; OPTIONS without a route of its own with 204; both of these say {@code Allow}. A path that can't be decoded is
 * answered with 400, CONNECT with 501. Errors are sent as {@link HttpReply#sendError} does.
 */
public final class HttpRouter implements HttpHandler {

    /** Answers requests of a path with parameters. */
    @FunctionalInterface
    public interface PathHandler {
        /**
         * Handles one request.
         *
         * @param path what stood in the place of each segment in braces, decoded, by the name in there
         */
        void handle(HttpRequest request, HttpReply reply, Map<String, String> path) throws Exception;
    }

    private record Route(String method, String path, List<String> segments, boolean plain, PathHandler handler) {
        boolean takes(String asked) {
            return method.equals(asked) || method.equals("GET") && asked.equals("HEAD");
        }

        /** What stands for the segments in braces, or null if the path is another. */
        Map<String, String> match(List<String> asked) {
            if (asked.size() != segments.size()) {
                return null;
            }
            Map<String, String> found = new LinkedHashMap<>();
            for (int i = 0; i < asked.size(); i++) {
                String segment = segments.get(i);
                if (isParameter(segment)) {
                    if (asked.get(i).isEmpty()) {
                        return null;
                    }
                    found.put(segment.substring(1, segment.length() - 1), asked.get(i));
                } else if (!segment.equals(asked.get(i))) {
                    return null;
                }
            }
            return found;
        }
    }

    private final Route[] routes;

    private HttpRouter(List<Route> routes) {
        this.routes = routes.toArray(new Route[0]);
    }

    /** Begins with no routes. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void handle(HttpRequest request, HttpReply reply) throws Exception {
        for (Route route : routes) { // as nearly all are sent: nothing is to be decoded
            if (!route.plain) {
                break;
            }
            if (route.method.equals(request.method()) && request.pathIs(route.path)) {
                route.handler.handle(request, reply, Map.of());
                return;
            }
        }
        decode(request, reply);
    }

    private void decode(HttpRequest request, HttpReply reply) throws Exception {
        String method = request.method();
        if (method.equals("CONNECT")) {
            reply.sendError(HttpStatus.NOT_IMPLEMENTED, "no tunnels here");
            return;
        }
        if (request.targetIs("*")) {
            reply.status(HttpStatus.NO_CONTENT)
                    .field("Allow", allowed(List.of(routes)))
                    .send();
            return;
        }
        Optional<HttpTarget> target = HttpTarget.of(request);
        if (target.isEmpty()) {
            reply.sendError(HttpStatus.BAD_REQUEST, "a path that can't be decoded");
            return;
        }
        List<String> segments = target.get().segments();
        List<Route> others = new ArrayList<>();
        for (int pass = 0; pass < 2; pass++) { // a route for HEAD itself comes first
            for (Route route : routes) {
                boolean takes = pass == 0 ? route.method.equals(method) : route.takes(method);
                Map<String, String> path = takes || pass == 1 ? route.match(segments) : null;
                if (path != null && takes) {
                    route.handler.handle(request, reply, path);
                    return;
                }
                if (path != null) {
                    others.add(route);
                }
            }
        }
        refuse(method, reply, others);
    }

    private static void refuse(String method, HttpReply reply, List<Route> others) {
        if (others.isEmpty()) {
            reply.sendError(404, "nothing here");
        } else if (method.equals("OPTIONS")) {
            reply.status(HttpStatus.NO_CONTENT).field("Allow", allowed(others)).send();
        } else {
            reply.field("Allow", allowed(others)).sendError(405, "this path has no such method");
        }
    }

    private static String allowed(List<Route> routes) {
        TreeSet<String> methods = new TreeSet<>();
        methods.add("OPTIONS");
        for (Route route : routes) {
            methods.add(route.method);
            if (route.method.equals("GET")) {
                methods.add("HEAD");
            }
        }
        return String.join(", ", methods);
    }

    private static boolean isParameter(String segment) {
        return segment.startsWith("{") && segment.endsWith("}");
    }

    /** Takes routes. One thread. */
    public static final class Builder {
        private final List<Route> plain = new ArrayList<>();
        private final List<Route> fixed = new ArrayList<>();
        private final List<Route> others = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a route of a fixed path.
         *
         * @param method with its case, for instance {@code GET}
         * @param path begins with a slash, decoded, without a query
         * @throws IllegalArgumentException if either is something else, or there is that route already
         */
        public Builder route(String method, String path, HttpHandler handler) {
            Objects.requireNonNull(handler, "handler");
            return add(method, path, false, (request, reply, parameters) -> handler.handle(request, reply));
        }

        /**
         * Adds a route of a path that has segments in braces.
         *
         * @param method with its case, for instance {@code GET}
         * @param path begins with a slash, decoded, without a query; a segment that is a name in braces stands for any
         * @throws IllegalArgumentException if either is something else, or there is that route already
         */
        public Builder route(String method, String path, PathHandler handler) {
            return add(method, path, true, Objects.requireNonNull(handler, "handler"));
        }

        /** Ends with these routes. */
        public HttpRouter build() {
            List<Route> all = new ArrayList<>(plain);
            all.addAll(fixed);
            all.addAll(others);
            return new HttpRouter(all);
        }

        private Builder add(String method, String path, boolean mayHaveParameters, PathHandler handler) {
            if (!isToken(method)) {
                throw new IllegalArgumentException("method: " + method + " is no token");
            }
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("path: " + path + " does not begin with /");
            }
            List<String> segments = List.of(path.substring(1).split("/", -1));
            boolean hasParameters = segments.stream().anyMatch(HttpRouter::isParameter);
            if (hasParameters && !mayHaveParameters) {
                throw new IllegalArgumentException(
                        "path: " + path + " has segments in braces, and the handler doesn't take them");
            }
            Route route = new Route(method, path, segments, !hasParameters && isPlain(path), handler);
            List<Route> alike = route.plain ? plain : hasParameters ? others : fixed;
            for (Route other : alike) {
                if (other.method.equals(method) && other.path.equals(path)) {
                    throw new IllegalArgumentException(
                            "path: there is a route for " + method + " " + path + " already");
                }
            }
            alike.add(route);
            return this;
        }

        /** Whether it is sent as it is, and nothing else that is sent so means another. */
        private static boolean isPlain(String path) {
            return path.chars().allMatch(c -> c < 0x80 && HttpBytes.isTarget((byte) c))
                    && path.indexOf('?') < 0
                    && path.indexOf('%') < 0;
        }

        private static boolean isToken(String text) {
            return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && HttpBytes.isToken((byte) c));
        }
    }
}
