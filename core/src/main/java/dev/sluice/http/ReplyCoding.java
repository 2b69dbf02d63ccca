// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

/**
 * Whether the body of a reply is compressed: that depends on what its handler wants, what its client takes, and what
 * its status and fields let be. It sees to the fields that belong to it. Kept and used again.
 */
final class ReplyCoding {
    /** Below this little is gained, or nothing. */
    static final int LEAST_BYTES = 256;
    /** Above this a Reader would be kept too long by a body that is sent whole. */
    static final int MOST_BYTES = 128 * 1024;

    private static final String GZIP = "gzip";

    private boolean wanted;
    private boolean taken;

    void begin() {
        wanted = false;
        taken = false;
    }

    void takeOver(ReplyCoding other) {
        wanted = other.wanted;
        taken = other.taken;
    }

    /** The handler wants it. */
    void want(HttpRequest request) {
        wanted = true;
        taken = GZIP.equals(AcceptEncoding.preferred(request, GZIP, "identity"));
    }

    /**
     * Compresses a whole body, if it is to be. HEAD says the same as GET, but for the length, which only the work would
     * tell.
     */
    void ofWhole(ReplyHead head, ReplyBody body, boolean toHead) {
        long bytes = body.length();
        boolean codes = wanted && negotiates(head) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
        head.coded(codes);
        if (codes && toHead) {
            head.lengthUnsaid();
        } else if (codes) {
            head.length(body.compress());
        }
    }

    /**
     * Begins to compress a body that is written in parts, if it is to be; else returns null. A counted one has its
     * length already.
     */
    GzipStream ofParts(ReplyHead head, HttpSettings settings, boolean toHead, boolean counted) {
        boolean codes = wanted && !counted && negotiates(head);
        GzipStream stream = codes && !toHead ? GzipStream.begin(settings.gzips(), settings.endings()) : null;
        head.coded(codes && (toHead || stream != null));
        return stream;
    }

    /**
     * Whether the client is to have the coded form of this, if it has a length for that. Both forms vary by what clients take;
     * the tag of that which these get is weak, whether or not this one is coded, so that a 304 and a HEAD have the same one
     * as the 200 (RFC 9110, 8.8.3.3 and 15.4.5).
     */
    private boolean negotiates(ReplyHead head) {
        FieldBytes fields = head.fields;
        int status = head.status();
        if (!fields.hasToken("Vary", "accept-encoding") && !fields.hasToken("Vary", "*")) {
            fields.add("Vary", "Accept-Encoding");
        }
        boolean may = taken
                && status != HttpStatus.PARTIAL_CONTENT
                && !fields.has("Content-Encoding")
                && !fields.has("Content-Range")
                && !fields.hasToken("Cache-Control", "no-transform");
        if (may) {
            fields.weakenTag();
        }
        return may && !HttpStatus.isBodiless(status) && status != HttpStatus.RESET_CONTENT;
    }
}
