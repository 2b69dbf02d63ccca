// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request's target, taken apart and decoded (RFC 3986, 3.3 and 3.4): the segments of its path, and the parameters of
 * its query.
 *
 * <p>Segments are decoded after the path was cut at its slashes, so a segment may hold a slash that was sent as
 * {@code %2F}; who makes a file's name of it must look. Segments never are {@code .} or {@code ..}, in whatever way
 * these were sent, and have no control characters.
 */
public final class HttpTarget {
    private final List<String> segments;
    private final String query;

    private HttpTarget(List<String> segments, String query) {
        this.segments = List.copyOf(segments);
        this.query = query;
    }

    /**
     * Takes a request's target apart.
     *
     * @return nothing if it is {@code *} or CONNECT's, or if its path is malformed, which is answered with 400: a {@code %}
     *     without two hexadecimal digits, bytes that are no UTF-8, control characters, a segment {@code .} or {@code ..}
     */
    public static Optional<HttpTarget> of(HttpRequest request) {
        return of(request.target());
    }

    static Optional<HttpTarget> of(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        int path = scheme < 0 ? 0 : endOfAuthority(target, scheme + 3);
        int question = target.indexOf('?', path);
        int end = question < 0 ? target.length() : question;
        if (path == 0 && !target.startsWith("/")) {
            return Optional.empty();
        }
        List<String> segments = new ArrayList<>();
        for (int at = path; at < end; ) {
            int slash = target.indexOf('/', at + 1);
            int next = slash < 0 || slash > end ? end : slash;
            String segment = decoded(target.substring(at + 1, next), false);
            if (segment == null || segment.equals(".") || segment.equals("..")) {
                return Optional.empty();
            }
            segments.add(segment);
            at = next;
        }
        if (segments.isEmpty()) {
            segments.add(""); // http://host is http://host/
        }
        return Optional.of(new HttpTarget(segments, question < 0 ? "" : target.substring(question + 1)));
    }

    private static int endOfAuthority(String target, int from) {
        int i = from;
        while (i < target.length() && target.charAt(i) != '/' && target.charAt(i) != '?') {
            i++;
        }
        return i;
    }

    /** What stands behind each slash of the path, decoded: 1 or more, the last of them empty if the path ends with a slash. */
    public List<String> segments() {
        return segments;
    }

    /** What stands behind the question mark, as it was sent; empty if there is none. */
    public String query() {
        return query;
    }

    /**
     * The first parameter of that name in the query, decoded, a {@code +} as a space; empty if it stands there without a value.
     *
     * @return nothing if there is none, or if it is malformed
     */
    public Optional<String> parameter(String name) {
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (!pair.isEmpty() && name.equals(decoded(key, true))) {
                return Optional.ofNullable(decoded(equals < 0 ? "" : pair.substring(equals + 1), true));
            }
        }
        return Optional.empty();
    }

    /** The path, its segments encoded as they must be. */
    @Override
    public String toString() {
        StringBuilder path = new StringBuilder();
        for (String segment : segments) {
            path.append('/');
            for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
                boolean plain = b > 0 && (Character.isLetterOrDigit(b) || "-._~!$&'()*+,;=:@".indexOf(b) >= 0);
                if (plain) {
                    path.append((char) b);
                } else {
                    path.append('%').append(String.format("%02X", b));
                }
            }
        }
        return path.toString();
    }

    private static String decoded(String text, boolean plusIsSpace) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int b = c == '+' && plusIsSpace ? ' ' : c;
            if (c == '%') {
                int high = i + 2 < text.length() ? HttpBytes.hex(text.charAt(i + 1)) : -1;
                int low = i + 2 < text.length() ? HttpBytes.hex(text.charAt(i + 2)) : -1;
                b = high < 0 || low < 0 ? -1 : high << 4 | low;
                i += 2;
            }
            if (b < ' ' || b == 0x7f) {
                return null;
            }
            bytes.put((byte) b);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
