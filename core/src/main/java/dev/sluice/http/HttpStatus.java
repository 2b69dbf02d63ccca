// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.nio.charset.StandardCharsets;

/** Status lines, and what a status says about the body (RFC 9110, 15). */
final class HttpStatus {
    static final int SWITCHING_PROTOCOLS = 101;
    static final int OK = 200;
    static final int NO_CONTENT = 204;
    static final int RESET_CONTENT = 205;
    static final int PARTIAL_CONTENT = 206;
    static final int NOT_MODIFIED = 304;
    static final int BAD_REQUEST = 400;
    static final int REQUEST_TIMEOUT = 408;
    static final int CONTENT_TOO_LARGE = 413;
    static final int URI_TOO_LONG = 414;
    static final int EXPECTATION_FAILED = 417;
    static final int FIELDS_TOO_LARGE = 431;
    static final int INTERNAL_SERVER_ERROR = 500;
    static final int NOT_IMPLEMENTED = 501;
    static final int BAD_GATEWAY = 502;
    static final int SERVICE_UNAVAILABLE = 503;
    static final int GATEWAY_TIMEOUT = 504;
    static final int VERSION_NOT_SUPPORTED = 505;

    private static final int LEAST = 200;
    private static final int MOST = 599;
    private static final byte[][] LINES = new byte[MOST + 1][];

    static {
        // All of them now, not each when it is asked for: a race of threads doesn't publish an array.
        for (int status = LEAST; status <= MOST; status++) {
            LINES[status] =
                    ("HTTP/1.1 " + status + ' ' + reason(status) + "\r\nDate: ").getBytes(StandardCharsets.US_ASCII);
        }
    }

    private HttpStatus() {}

    /** Whether a reply may have it: an interim one is no reply, and above 599 there is nothing. */
    static boolean isFinal(int status) {
        return status >= LEAST && status <= MOST;
    }

    /** Whether its replies have no body, whatever their fields say (RFC 9112, 6.3). */
    static boolean isBodiless(int status) {
        return status == NO_CONTENT || status == NOT_MODIFIED;
    }

    /** The status line, and the name of the Date field behind it. */
    static byte[] line(int status) {
        return LINES[status];
    }

    /** The registered phrase, or none. */
    static String reason(int status) {
        return switch (status) {
            case OK -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 203 -> "Non-Authoritative Information";
            case NO_CONTENT -> "No Content";
            case RESET_CONTENT -> "Reset Content";
            case PARTIAL_CONTENT -> "Partial Content";
            case 207 -> "Multi-Status";
            case 208 -> "Already Reported";
            case 226 -> "IM Used";
            case 300 -> "Multiple Choices";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 303 -> "See Other";
            case NOT_MODIFIED -> "Not Modified";
            case 305 -> "Use Proxy";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case BAD_REQUEST -> "Bad Request";
            case 401 -> "Unauthorized";
            case 402 -> "Payment Required";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 407 -> "Proxy Authentication Required";
            case REQUEST_TIMEOUT -> "Request Timeout";
            case 409 -> "Conflict";
            case 410 -> "Gone";
            case 411 -> "Length Required";
            case 412 -> "Precondition Failed";
            case CONTENT_TOO_LARGE -> "Content Too Large";
            case URI_TOO_LONG -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 416 -> "Range Not Satisfiable";
            case EXPECTATION_FAILED -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 422 -> "Unprocessable Content";
            case 423 -> "Locked";
            case 424 -> "Failed Dependency";
            case 425 -> "Too Early";
            case 426 -> "Upgrade Required";
            case 428 -> "Precondition Required";
            case 429 -> "Too Many Requests";
            case FIELDS_TOO_LARGE -> "Request Header Fields Too Large";
            case 451 -> "Unavailable For Legal Reasons";
            case INTERNAL_SERVER_ERROR -> "Internal Server Error";
            case NOT_IMPLEMENTED -> "Not Implemented";
            case BAD_GATEWAY -> "Bad Gateway";
            case SERVICE_UNAVAILABLE -> "Service Unavailable";
            case GATEWAY_TIMEOUT -> "Gateway Timeout";
            case VERSION_NOT_SUPPORTED -> "HTTP Version Not Supported";
            case 506 -> "Variant Also Negotiates";
            case 507 -> "Insufficient Storage";
            case 508 -> "Loop Detected";
            case 511 -> "Network Authentication Required";
            default -> "";
        };
    }
}
