// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

/**
 * Patterns as KEYS takes them: {@code *} is any bytes, {@code ?} is one, {@code [a-c]} one of those, {@code [^a]} any
 * other, a backslash takes its meaning from what follows. A mismatch goes back to the last {@code *} only, so the time is
 * at most the product of the two lengths.
 */
final class Glob {
    private final byte[] pattern;

    /** Longest pattern, in bytes: with it a long key takes milliseconds. */
    static final int MAX_BYTES = 1024;

    Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    boolean matches(byte[] text) {
        int p = 0;
        int t = 0;
        int star = -1; // behind the last one
        int starText = 0; // where what it stands for ends
        while (t < text.length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = ++p;
                starText = t;
            } else if (p < pattern.length && matchesOne(p, text[t])) {
                p = behind(p);
                t++;
            } else if (star >= 0) {
                p = star;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    private boolean matchesOne(int p, byte b) {
        return switch (pattern[p]) {
            case '?' -> true;
            case '[' -> matchesSet(p, b);
            case '\\' -> pattern[Math.min(p + 1, pattern.length - 1)] == b;
            default -> pattern[p] == b;
        };
    }

    private boolean matchesSet(int open, byte b) {
        boolean not = open + 1 < pattern.length && pattern[open + 1] == '^';
        boolean found = false;
        int end = behind(open);
        int at = open + (not ? 2 : 1);
        while (at < end && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < end) {
                found |= pattern[at + 1] == b;
                at += 2;
            } else if (at + 2 < end && pattern[at + 1] == '-') {
                int low = Math.min(pattern[at] & 0xFF, pattern[at + 2] & 0xFF);
                int high = Math.max(pattern[at] & 0xFF, pattern[at + 2] & 0xFF);
                found |= (b & 0xFF) >= low && (b & 0xFF) <= high;
                at += 3;
            } else {
                found |= pattern[at++] == b;
            }
        }
        return found != not;
    }

    /** The index behind what stands for one byte. A set that isn't closed goes on to the end. */
    private int behind(int p) {
        if (pattern[p] == '\\') {
            return Math.min(p + 2, pattern.length);
        }
        if (pattern[p] != '[') {
            return p + 1;
        }
        int at = p + 1;
        if (at < pattern.length && pattern[at] == '^') {
            at++;
        }
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                at += 2;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                at += 3;
            } else {
                at++;
            }
        }
        return Math.min(at + 1, pattern.length);
    }
}
