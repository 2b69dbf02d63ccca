// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Makes the bodies of the replies that the library gives itself, from 400 to 505, and of {@link HttpReply#sendError}. Without
 * one they are a line of text.
 *
 * <pre>{@code
 * HttpErrorPage pages = (status, reason) -> HttpErrorPage.Page.html("<!DOCTYPE html><title>" + status + "</title><h1>"
 *         + HttpErrorPage.phrase(status) + "</h1><p>" + HttpErrorPage.escape(reason));
 * HttpProtocol.gathering(site).withErrorPages(pages);
 * }</pre>
 *
 * <p>Status, length, {@code Connection} and the other fields stay the library's, and HEAD gets no page. If {@link #page}
 * throws, or returns null, the line of text is sent; what it threw is logged.
 *
 * <p><b>Threads.</b> It is called on the thread that answers, which for refusals is a Reader's: it must not block, and several
 * may call it at once. Who is attacked calls it often, so a page that costs much is best made once and kept.
 */
@FunctionalInterface
public interface HttpErrorPage {
    /**
     * The page for one reply.
     *
     * @param status 400 to 599
     * @param reason a few words on what is wrong. The library's own quote nothing that a client sent; those given to
     *     {@code sendError} may, so {@link #escape} them wherever they go into HTML
     */
    Page page(int status, String reason) throws Exception;

    /** A text as it may stand between tags of HTML, or in an attribute in quotes of either kind. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** The registered phrase of a status, for instance {@code Not Found}; empty if it has none. */
    static String phrase(int status) {
        return HttpStatus.reason(status);
    }

    /** A body and its type. It never changes, so one may be sent many times. */
    final class Page {
        private final String contentType;
        private final byte[] bytes;

        private Page(String contentType, byte[] bytes) {
            ReplyHead.checkType(contentType);
            this.contentType = contentType;
            this.bytes = bytes;
        }

        /** A page of HTML, in UTF-8. */
        public static Page html(String text) {
            return of("text/html; charset=utf-8", text);
        }

        /**
         * A text, in UTF-8.
         *
         * @param contentType the type, for instance {@code application/problem+json}
         * @throws IllegalArgumentException if the type has other characters than a field's value
         */
        public static Page of(String contentType, String text) {
            return new Page(Objects.requireNonNull(contentType, "contentType"), text.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * Bytes, which are copied.
         *
         * @throws IllegalArgumentException if the type has other characters than a field's value
         */
        public static Page of(String contentType, byte[] bytes) {
            return new Page(Objects.requireNonNull(contentType, "contentType"), bytes.clone());
        }

        String contentType() {
            return contentType;
        }

        /** Not to be changed. */
        byte[] bytes() {
            return bytes;
        }
    }
}
