// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever spelling of a path a backend reads as one that is refused, it isn't passed on. */
final class PathsProperties {
    private static final List<String> SEGMENTS =
            List.of("admin", "admin", "public", "open", "x@y", "a b", "x", "adm", "administration", "");
    private static final String SCRAPS =
            "; ;v=1 ;a;b %3B %3bc / // /./ /../ .. . %2e%2E %2F %2f..%2F \\ %5c %5C.. %00 % %25 "
                    + "%252e%252e %252F /;/ /;x/ /..;/ /.;a=b/ %20 %C3%A9";
    private static final List<List<String>> CONFIGURATIONS = List.of(
            List.of("/", "!/admin"),
            List.of("/", "!/admin/"),
            List.of("!/", "/public", "/x"),
            List.of("/", "!/admin", "/admin/open", "!/admin/open/x"),
            List.of("/", "!/x@y", "!/a%20b", "/a%20b/open/", "!/public/open"),
            List.of("!/admin", "/admin/open", "/public/"));

    @Property(tries = 20_000)
    void noSpellingLeadsAroundARefusedRoute(
            @ForAll long seed, @ForAll @IntRange(max = 5) int number, @ForAll @IntRange(max = 4) int scraps) {
        List<String> configuration = CONFIGURATIONS.get(number);
        String path = spelling(new Random(seed), scraps);
        String way = PathsTest.way(PathsTest.routing(configuration.toArray(String[]::new)), path);
        if (way == null || way.startsWith("!")) {
            return;
        }
        for (String read : readings(path)) {
            boolean refused = longest(configuration, read).startsWith("!");
            assertFalse(refused, () -> path + " goes to " + way + " and is read as " + read);
        }
    }

    /** So that refusing everything wouldn't do. */
    @Property(tries = 2000)
    void aPathWithoutAnythingOddGoesItsWay(@ForAll long seed, @ForAll @IntRange(max = 5) int number) {
        List<String> configuration = CONFIGURATIONS.get(number);
        Random random = new Random(seed);
        String path = ("/" + segment(random) + "/" + segment(random))
                .replace(" ", "%20")
                .replaceAll("/+", "/");
        String way = PathsTest.way(PathsTest.routing(configuration.toArray(String[]::new)), path);
        assertEquals(longest(configuration, decoded(path)), way == null ? "" : way);
    }

    // ---- paths

    private static String segment(Random random) {
        return SEGMENTS.get(random.nextInt(SEGMENTS.size()));
    }

    /** A few segments, with scraps between their letters, and some of these with a percent sign. */
    private static String spelling(Random random, int scraps) {
        List<String> pieces = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            pieces.add("/");
            for (char letter : segment(random).toCharArray()) {
                boolean plain = letter != ' ' && random.nextInt(12) > 0;
                String format = random.nextBoolean() ? "%%%02x" : "%%%02X";
                pieces.add(plain ? String.valueOf(letter) : String.format(format, (int) letter));
            }
        }
        String[] all = SCRAPS.split(" ");
        for (int i = 0; i < scraps; i++) {
            int at = 1 + random.nextInt(pieces.size());
            boolean atAnEnd = random.nextInt(3) > 0;
            while (atAnEnd && at < pieces.size() && !pieces.get(at).equals("/")) {
                at++;
            }
            pieces.add(at, all[random.nextInt(all.length)]);
        }
        return String.join("", pieces);
    }

    // ---- backends

    private static List<String> readings(String path) {
        String cutThenDecoded = decoded(cut(path)).replace('\\', '/');
        return List.of(
                resolved(cutThenDecoded), // as a server that leaves several slashes
                resolved(merged(cutThenDecoded)), // as Tomcat does
                resolved(merged(decoded(path))), // as nginx does
                resolved(merged(cut(decoded(path))))); // as a framework whose server has decoded it before
    }

    private static String merged(String path) {
        return path.replaceAll("/+", "/");
    }

    private static String cut(String path) {
        return path.replaceAll(";[^/]*", "");
    }

    /** Without percent signs, as far as they are right; what is behind a zero is lost, as in C. */
    private static String decoded(String path) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%' && path.substring(i).matches("(?s)%[0-9a-fA-F]{2}.*")) {
                c = (char) Integer.parseInt(path.substring(i + 1, i + 3), 16);
                i += 2;
            }
            if (c == 0) {
                break;
            }
            text.append(c);
        }
        return text.toString();
    }

    /** Without segments {@code .} and {@code ..} (RFC 3986, 5.2.4). */
    private static String resolved(String path) {
        Deque<String> segments = new ArrayDeque<>();
        String[] all = path.substring(1).split("/", -1);
        for (int i = 0; i < all.length; i++) {
            boolean dots = all[i].equals(".") || all[i].equals("..");
            if (all[i].equals("..")) {
                segments.pollLast();
            }
            if (!dots || i == all.length - 1) {
                segments.addLast(dots ? "" : all[i]);
            }
        }
        return "/" + String.join("/", segments);
    }

    // ---- routes

    /** The longest of them that a path is below; empty if there is none. */
    private static String longest(List<String> configuration, String path) {
        String longest = "";
        for (String route : configuration) {
            String prefix = decoded(route.substring(route.indexOf('/')));
            String below = prefix.endsWith("/") ? prefix : prefix + "/";
            boolean fits = path.equals(prefix) || path.startsWith(below);
            if (fits && prefix.length() > decoded(longest.replace("!", "")).length()) {
                longest = route;
            }
        }
        return longest;
    }
}
