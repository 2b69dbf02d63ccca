// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A line for each request, in the formats of Apache that every reader of logs knows:
 *
 * <pre>
 * 192.0.2.7 - - [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 2326                          common
 * 192.0.2.7 - - [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 2326 "http://h/" "Mozilla/5.0"  combined
 * </pre>
 *
 * <p>These are: the client's address; twice {@code -}, for who it says it is; when the request was received; the
 * request line as it came; the status; the bytes of the body that were accepted for sending, without what chunks add,
 * {@code -} for none; and the request's {@code Referer} and {@code User-Agent}. What isn't there is {@code -}.
 *
 * <p><b>Lines.</b> One for each request that a handler was given and for each refusal, written when its reply is
 * complete, so they are in the order of that. Of a reply that is cut off the line comes with the end of its connection
 * and has the bytes that were accepted until then. If the connection ends before the reply has begun, status and bytes
 * are {@code -}: nothing was sent. A refusal has the request line as far as it came, {@code -} if nothing did or if a
 * whole head came but not the rest in time.
 *
 * <p><b>Nothing forges a line.</b> Of what a client sent, control characters, quotes, backslashes and bytes above 126 are
 * written as {@code \xHH}. A request line is cut at 2,048 bytes, the other two at 1,024, and then end with {@code ...}
 *
 * <p><b>Cost.</b> A reply that is sent at once allocates nothing for its line; but the first on a connection, and any
 * that follows another connection's on the same Reader, makes a text of the client's address. One that is deferred or
 * streamed, and a request whose body comes in pieces, keeps its line until it is complete: a few hundred bytes. Without
 * a log there is no cost.
 *
 * <p>A value of this class never changes.
 */
public final class HttpAccessLog {
    /**
     * Where lines go. It is called on the threads that replies are given on, Readers among them, by several at once: it must
     * not block. What it throws is logged, and the line is lost.
     */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a line.
         *
         * @param line from position to limit, ASCII, with its line feed; valid during the call, and not to be changed
         */
        void line(ByteBuffer line);

        /** Gives each line to a function as a text without its line feed, which allocates that. */
        static Sink ofText(Consumer<String> lines) {
            Objects.requireNonNull(lines, "lines");
            return line -> {
                byte[] bytes = new byte[line.remaining() - 1];
                line.get(bytes);
                lines.accept(new String(bytes, StandardCharsets.US_ASCII));
            };
        }
    }

    private final Sink sink;
    private final boolean combined;
    private final ZoneId zone;

    private HttpAccessLog(Sink sink, boolean combined, ZoneId zone) {
        this.sink = Objects.requireNonNull(sink, "sink");
        this.combined = combined;
        this.zone = Objects.requireNonNull(zone, "zone");
    }

    /** Lines of the common format, in the machine's time zone. */
    public static HttpAccessLog common(Sink sink) {
        return new HttpAccessLog(sink, false, ZoneId.systemDefault());
    }

    /** Lines of the combined format, in the machine's time zone. */
    public static HttpAccessLog combined(Sink sink) {
        return new HttpAccessLog(sink, true, ZoneId.systemDefault());
    }

    /** The same with another time zone. */
    public HttpAccessLog withZone(ZoneId other) {
        return new HttpAccessLog(sink, combined, other);
    }

    Sink sink() {
        return sink;
    }

    boolean isCombined() {
        return combined;
    }

    String time(long epochSecond) {
        return LogTime.text(epochSecond, zone);
    }
}
