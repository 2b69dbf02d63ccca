// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.http.HttpErrorPage.Page;

/** The bodies of the replies that the library gives itself. Any thread. */
final class ErrorPages {
    /** Lines of text. */
    static final ErrorPages PLAIN = new ErrorPages((status, reason) -> null);

    private static final String TYPE = "text/plain";

    private final HttpErrorPage pages;
    private final RareWarning failed =
            new RareWarning("the function that makes error pages failed, a line of text is sent");

    ErrorPages(HttpErrorPage pages) {
        this.pages = pages;
    }

    /** The page for a status; whatever the function does, there is one. */
    Page of(int status, String reason) {
        try {
            Page page = pages.page(status, reason);
            if (page != null) {
                return page;
            }
        } catch (Exception | Error e) {
            failed.warn(e);
        }
        return Page.of(TYPE, reason + '\n');
    }
}
