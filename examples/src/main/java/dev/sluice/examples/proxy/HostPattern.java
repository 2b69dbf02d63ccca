// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A host's name, or with {@code *.} in front all names below one.
 *
 * @param name in small letters, without {@code *.}
 * @param below whether it stands for all names that end with a dot and that name, however many labels are before it
 */
public record HostPattern(String name, boolean below) {
    private static final Pattern LABELS =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern NUMBER_LAST = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");
    private static final String BELOW = "*.";

    /**
     * Reads {@code www.example.org} or {@code *.example.org}.
     *
     * @throws IllegalArgumentException if no client could ask for it
     */
    public static HostPattern parse(Object value) {
        String text = value instanceof String written ? written.toLowerCase(Locale.ROOT) : "";
        boolean below = text.startsWith(BELOW);
        String name = below ? text.substring(BELOW.length()) : text;
        if (name.length() > 253
                || !LABELS.matcher(name).matches()
                || NUMBER_LAST.matcher(name).matches()) {
            throw Readings.wrong(value, "is no host's name, as \"www.example.org\" or \"*.example.org\"");
        }
        return new HostPattern(name, below);
    }

    /** Whether it stands for that name, which is in small letters. */
    public boolean matches(String host) {
        return below
                ? host.length() > name.length() + 1
                        && host.endsWith(name)
                        && host.charAt(host.length() - name.length() - 1) == '.'
                : host.equals(name);
    }

    /** Whether it stands for every name that the other stands for. */
    public boolean covers(HostPattern other) {
        return other.below ? below && (name.equals(other.name) || matches(other.name)) : matches(other.name);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return below ? BELOW + name : name;
    }
}
