// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l7;

import java.nio.ByteBuffer;

/**
 * A path that backends may read in several ways, decoded. One that begins plainly with a prefix does so for each backend; one that
 * doesn't even begin with it loosely does so for none.
 *
 * @param plain with all slashes and parameters
 * @param loose with several slashes as one, and without parameters: what is between a semicolon and the next slash (RFC 3986, 3.3)
 */
record OddPath(String plain, String loose) {
    /** Reads one; null if it isn't let through, as it may lead anywhere. */
    static OddPath read(ByteBuffer target, int begin, int end) {
        String plain = Paths.decoded(target, begin, end);
        if (plain == null) {
            return null;
        }
        String loose = loose(plain);
        return hasDots(loose) ? null : new OddPath(plain, loose);
    }

    private static String loose(String path) {
        StringBuilder loose = new StringBuilder(path.length());
        boolean parameter = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            parameter = c != '/' && (parameter || c == ';');
            boolean again = c == '/' && !loose.isEmpty() && loose.charAt(loose.length() - 1) == '/';
            if (!parameter && !again) {
                loose.append(c);
            }
        }
        return loose.toString();
    }

    private static boolean hasDots(String path) {
        for (int at = path.indexOf("/."); at >= 0; at = path.indexOf("/.", at + 1)) {
            int behind = path.startsWith("/..", at) ? at + 3 : at + 2;
            if (behind == path.length() || path.charAt(behind) == '/') {
                return true;
            }
        }
        return false;
    }
}
