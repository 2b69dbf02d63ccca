// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Parts as values that share no memory with them. */
final class Described {
    private static final String LAST = "■"; // stands in no body: its bytes are characters up to U+00FF

    private Described() {}

    static String part(HttpPart part) {
        if (part instanceof HttpRequest request) {
            return head(request) + " " + text(request.body()) + fields(request.trailers());
        }
        if (part instanceof HttpResponse response) {
            return head(response) + " " + text(response.body()) + fields(response.trailers());
        }
        if (part instanceof HttpContent content) {
            return "+" + text(content.bytes()) + (content.isLast() ? LAST + fields(content.trailers()) : "");
        }
        return part.toString();
    }

    /** Pieces of a body are one, but behind its last. */
    static String join(String first, String second) {
        boolean pieces = first.startsWith("+") && second.startsWith("+") && !first.contains(LAST);
        return pieces ? first + second.substring(1) : null;
    }

    private static String head(HttpRequest request) {
        StringBuilder said = new StringBuilder(request.method()).append(' ').append(request.target());
        said.append(request.isHttp10() ? " 1.0" : "").append(request.isKeepAlive() ? "" : " last");
        said.append(request.isChunked() ? " chunked" : "").append(request.expectsContinue() ? " waits" : "");
        said.append(request.contentLength() >= 0 ? " " + request.contentLength() : "");
        return said + fields(request.fields());
    }

    private static String head(HttpResponse response) {
        StringBuilder said = new StringBuilder().append(response.status());
        said.append(response.reason().isEmpty() ? "" : " '" + response.reason() + "'");
        said.append(response.isHttp10() ? " 1.0" : "").append(response.isKeepAlive() ? "" : " last");
        said.append(response.isInterim() ? " interim" : "").append(response.isTunnel() ? " tunnel" : "");
        said.append(response.isChunked() ? " chunked" : "").append(response.isUntilClose() ? " until close" : "");
        said.append(response.contentLength() >= 0 ? " " + response.contentLength() : "");
        said.append(response.hasBody() ? "" : " bodiless");
        return said + fields(response.fields());
    }

    private static String fields(HttpFields fields) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            lines.add(fields.name(i) + "=" + fields.value(i));
        }
        return lines.toString();
    }

    private static String text(ByteBuffer bytes) {
        return new String(FrameView.copy(bytes).array(), StandardCharsets.ISO_8859_1);
    }
}
