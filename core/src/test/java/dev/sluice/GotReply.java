// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.http.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** A reply as it came: its head, and its body, which the JDK's own reader decodes. */
record GotReply(String head, byte[] body) {
    static final String GZIP = "Accept-Encoding: gzip";
    static final String LAST = "Connection: close";

    static String request(String method, String... fields) {
        StringBuilder head = new StringBuilder(method + " / HTTP/1.1\r\nHost: h\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    static GotReply of(HttpHandler handler, String request) throws Exception {
        try (HttpServer server = new HttpServer(handler);
                Client client = server.client()) {
            return of(client.send(request).readAll());
        }
    }

    static GotReply of(String all) {
        int end = all.indexOf("\r\n\r\n") + 4;
        return new GotReply(all.substring(0, end), all.substring(end).getBytes(ISO_8859_1));
    }

    boolean isCoded() {
        return head.contains("\r\nContent-Encoding: gzip\r\n");
    }

    boolean says(String field) {
        return head.contains("\r\n" + field + "\r\n");
    }

    String text() throws IOException {
        return new String(isCoded() ? decoded(body) : body, UTF_8);
    }

    static byte[] decoded(byte[] bytes) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
    }

    static byte[] unchunked(byte[] chunks) {
        String left = new String(chunks, ISO_8859_1);
        StringBuilder data = new StringBuilder();
        while (true) {
            int line = left.indexOf("\r\n");
            int size = Integer.parseInt(left.substring(0, line), 16);
            data.append(left, line + 2, line + 2 + size);
            left = left.substring(line + 2 + size + 2);
            if (size == 0) {
                assertEquals("", left);
                return data.toString().getBytes(ISO_8859_1);
            }
        }
    }

    static GotReply get(HttpHandler handler, String... fields) throws Exception {
        String[] all = Arrays.copyOf(fields, fields.length + 1);
        all[fields.length] = LAST;
        return GotReply.of(handler, request("GET", all));
    }
}
