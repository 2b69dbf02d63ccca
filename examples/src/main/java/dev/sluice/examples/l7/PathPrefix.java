// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import dev.sluice.examples.proxy.Readings;
import java.util.Locale;
import java.util.regex.Pattern;

/** How the beginning of a path is written: in one way, whatever ways requests have (RFC 3986, 6.2.2). */
final class PathPrefix {
    private static final Pattern PATH = Pattern.compile("(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)+");
    private static final Pattern NEEDLESS =
            Pattern.compile(".*%(2[146-9A-E]|3[0-9AD]|4[0-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]).*");
    private static final Pattern NEVER = Pattern.compile(".*(;|%3B|%2F|%5C|%00).*");
    private static final Pattern DOTS = Pattern.compile(".*/\\.\\.?(/.*)?");
    private static final Pattern AUTHORITY =
            Pattern.compile("[A-Za-z0-9._-]+(:[0-9]{1,5})?|\\[[0-9a-fA-F:.]+](:[0-9]{1,5})?");

    private PathPrefix() {}

    /**
     * Reads {@code /} or {@code /api} or {@code /api/}.
     *
     * @throws IllegalArgumentException if no path begins with that; the message says what is allowed
     */
    static String parse(Object value) {
        String text = Readings.visibleText(value);
        if (!PATH.matcher(text).matches() || text.contains("//")) {
            throw Readings.wrong(value, "is no path: it begins with one slash, and what isn't a path's is as %20");
        }
        if (NEEDLESS.matcher(text).matches()) {
            throw Readings.wrong(
                    value, "has letters, digits or one of -._~!$&'()*+,=:@ with a percent sign; write them plainly");
        }
        if (NEVER.matcher(text).matches()) {
            throw Readings.wrong(value, "has ;, %3B, %2F, %5C or %00, with which no path of a request is compared");
        }
        if (DOTS.matcher(text).matches()) {
            throw Readings.wrong(value, "has a segment . or .., with which no request is let through");
        }
        return text;
    }

    /**
     * Reads what may stand in the field {@code Upgrade}, but for versions of HTTP, whose requests would find no routes.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static String protocol(Object value) {
        String text = Readings.visibleText(value).toLowerCase(Locale.ROOT);
        if (text.matches("[a-z0-9._+-]+") && !text.startsWith("http") && !text.startsWith("h2c")) {
            return text;
        }
        throw Readings.wrong(value, "is no protocol to go on in, as \"websocket\"; HTTP itself isn't either");
    }

    /**
     * Reads what may stand in the field {@code Host}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static String authority(Object value) {
        String text = Readings.visibleText(value);
        if (AUTHORITY.matcher(text).matches()) {
            return text;
        }
        throw Readings.wrong(value, "is no host, as \"www.example.org\" or \"www.example.org:8080\"");
    }
}
