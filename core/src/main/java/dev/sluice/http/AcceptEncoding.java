// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Which codings of a reply's body a client takes, by its {@code Accept-Encoding} (RFC 9110, 12.5.3).
 *
 * <pre>{@code
 * String coding = AcceptEncoding.preferred(request, "gzip", "identity");
 * }</pre>
 *
 * <p>All fields of that name are one list, of which the first item that names a coding counts, and {@code *} for what
 * isn't named; {@code x-gzip} is gzip. {@code identity}, which is no coding at all, is taken unless it is excluded, but
 * after what is named. An item that breaks the grammar is as if it weren't there. Who sends no such field takes all in
 * theory, and is given {@code identity} if that can be had: what can decode says so.
 */
public final class AcceptEncoding {
    private static final String NAME = "accept-encoding";
    private static final String IDENTITY = "identity";
    private static final int MOST = 1000; // weights are in thousandths
    private static final int NOT_NAMED = -1;

    private AcceptEncoding() {}

    /**
     * The coding of the most weight; of those that have the same, the first.
     *
     * @param codings what can be had, for instance {@code gzip} and {@code identity}, in small letters
     * @return null if the client takes none of them. It may be sent 406, or {@code identity} all the same
     */
    public static String preferred(HttpRequest request, String... codings) {
        HttpFields fields = request.fields();
        boolean said = fields.has(NAME);
        String best = null;
        int most = 0;
        for (String coding : codings) {
            int weight = said ? weight(fields, coding) : coding.equals(IDENTITY) ? MOST : 1;
            if (weight > most) {
                most = weight;
                best = coding;
            }
        }
        return best;
    }

    private static int weight(HttpFields fields, String coding) {
        int any = NOT_NAMED;
        for (int i = fields.find(NAME, 0); i >= 0; i = fields.find(NAME, i + 1)) {
            for (String item : fields.value(i).split(",")) {
                int semicolon = item.indexOf(';');
                String name = (semicolon < 0 ? item : item.substring(0, semicolon)).strip();
                int weight = semicolon < 0
                        ? MOST
                        : weight(item.substring(semicolon + 1).strip());
                if (weight != NOT_NAMED && is(name, coding)) {
                    return weight;
                }
                if (any == NOT_NAMED && name.equals("*")) {
                    any = weight;
                }
            }
        }
        if (any != NOT_NAMED) {
            return any;
        }
        return coding.equals(IDENTITY) ? 1 : 0;
    }

    private static boolean is(String name, String coding) {
        return name.equalsIgnoreCase(coding) || coding.equals("gzip") && name.equalsIgnoreCase("x-gzip");
    }

    /** {@code q=0.123} in thousandths (RFC 9110, 12.4.2), {@link #NOT_NAMED} if it is something else. */
    private static int weight(String parameter) {
        boolean right = parameter.length() >= 3
                && parameter.length() <= 7
                && (parameter.charAt(0) | 0x20) == 'q'
                && parameter.charAt(1) == '='
                && (parameter.length() == 3 || parameter.charAt(3) == '.');
        if (!right) {
            return NOT_NAMED;
        }
        int weight = 0;
        for (int place = 2, worth = MOST; place <= 6; place++) {
            if (place == 3) {
                continue; // the point
            }
            int digit = place < parameter.length() ? parameter.charAt(place) - '0' : 0;
            if (digit < 0 || digit > 9) {
                return NOT_NAMED;
            }
            weight += digit * worth;
            worth /= 10;
        }
        return weight <= MOST ? weight : NOT_NAMED;
    }
}
