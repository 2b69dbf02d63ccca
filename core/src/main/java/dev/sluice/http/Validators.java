// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What tells one version of a resource from another, and what conditional requests make of it (RFC 9110, 8.8 and 13).
 *
 * @param etag an entity tag with its quotes, such as {@code "a1"}, or {@code W/"a1"} for a weak one
 * @param lastModified when it was changed last; counted in whole seconds
 */
public record Validators(String etag, Instant lastModified) {
    private static final List<DateTimeFormatter> DATES = List.of(
            format("EEE, dd MMM uuuu HH:mm:ss 'GMT'"),
            obsolete(), // RFC 850
            format("EEE MMM ppd HH:mm:ss uuuu")); // asctime

    /** Cuts the time to seconds. */
    public Validators {
        if (!isTag(etag)) {
            throw new IllegalArgumentException("etag: it must be in quotes, after W/ if it is weak, and without quotes,"
                    + " spaces and control characters inside");
        }
        lastModified = lastModified.truncatedTo(ChronoUnit.SECONDS);
    }

    /** What is to be done about a request. */
    public enum Outcome {
        /** Answer it. */
        PROCEED(200),
        /** The client has it already: 304. */
        NOT_MODIFIED(304),
        /** What the client relied on is no longer so: 412. */
        FAILED(412);

        private final int status;

        Outcome(int status) {
            this.status = status;
        }

        /** The status, 200 where the answer's own is meant. */
        public int status() {
            return status;
        }
    }

    /** Judges a request's conditions, in the order of RFC 9110, 13.2.2. */
    public Outcome judge(HttpRequest request) {
        HttpFields fields = request.fields();
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        if (fields.has("if-match")) {
            if (!lists(fields, "if-match", false)) {
                return Outcome.FAILED;
            }
        } else if (date(fields.get("if-unmodified-since"))
                .filter(lastModified::isAfter)
                .isPresent()) {
            return Outcome.FAILED;
        }
        if (fields.has("if-none-match")) {
            if (lists(fields, "if-none-match", true)) {
                return reads ? Outcome.NOT_MODIFIED : Outcome.FAILED;
            }
        } else if (reads) {
            Optional<Instant> since = date(fields.get("if-modified-since"));
            if (since.isPresent() && !lastModified.isAfter(since.get())) {
                return Outcome.NOT_MODIFIED;
            }
        }
        return Outcome.PROCEED;
    }

    /**
     * Whether a request's {@code Range} is to be looked at: its {@code If-Range}, if it has one, means this version
     * (13.1.5).
     */
    public boolean mayBeRanged(HttpRequest request) {
        String value = request.fields().get("if-range");
        if (value == null) {
            return true;
        }
        if (value.startsWith("\"") || value.startsWith("W/")) {
            return value.equals(etag) && !value.startsWith("W/");
        }
        return date(value).filter(lastModified::equals).isPresent();
    }

    /** The value of {@code Last-Modified}. */
    public String lastModifiedText() {
        return HttpDate.text(lastModified.getEpochSecond());
    }

    /** Whether one of the fields of that name lists this version, or any. */
    private boolean lists(HttpFields fields, String name, boolean weakly) {
        for (int field = fields.find(name, 0); field >= 0; field = fields.find(name, field + 1)) {
            if (lists(fields.value(field), weakly)) {
                return true;
            }
        }
        return false;
    }

    private boolean lists(String value, boolean weakly) {
        if (value.equals("*")) {
            return true;
        }
        int at = 0;
        while (at < value.length()) {
            int open = value.indexOf('"', at);
            int close = open < 0 ? -1 : value.indexOf('"', open + 1);
            if (close < 0) {
                return false; // what is no tag matches nothing
            }
            boolean weak = open >= 2 && value.startsWith("W/", open - 2);
            String tag = value.substring(open, close + 1);
            if (weakly ? tag.equals(opaque()) : !weak && tag.equals(etag)) {
                return true;
            }
            at = close + 1;
        }
        return false;
    }

    private String opaque() {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    private static boolean isTag(String text) {
        String opaque = text.startsWith("W/") ? text.substring(2) : text;
        int last = opaque.length() - 1;
        return last >= 1
                && opaque.charAt(0) == '"'
                && opaque.charAt(last) == '"'
                && opaque.substring(1, last).chars().allMatch(c -> c > ' ' && c != '"' && c < 0x7f);
    }

    /** A date in one of the three forms that a recipient must know (RFC 9110, 5.6.7); nothing else is one. */
    static Optional<Instant> date(String text) {
        if (text == null) {
            return Optional.empty();
        }
        for (DateTimeFormatter form : DATES) {
            try {
                return Optional.of(form.parse(text, Instant::from));
            } catch (DateTimeException e) {
                // perhaps in the next
            }
        }
        return Optional.empty();
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }

    private static DateTimeFormatter obsolete() {
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH)
                .withZone(ZoneOffset.UTC);
    }
}
