// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.nio.charset.StandardCharsets;

/** What {@link HttpBenchmark} reads. */
public enum HttpInput {
    /** What curl sends: 80 bytes, 3 fields. */
    SMALL(1, "GET", 3, head("GET /hello HTTP/1.1", "Host: example.com", "User-Agent: curl/8.14.1", "Accept: */*"), ""),

    /** What a browser sends: 800 bytes, 12 fields. */
    BROWSER(1, "GET", 12, browser(), ""),

    /** What came through many hands: 60 fields. */
    SIXTY_FIELDS(1, "GET", 60, sixtyFields(), ""),

    /** 16 small requests at once. */
    BATCH(16, SMALL.method, SMALL.fields, SMALL.request, ""),

    /** An upload of 8 KiB in 8 chunks. */
    CHUNKED(1, "POST", 5, chunked(), body());

    private static final int BROWSER_BYTES = 800;
    private static final int CHUNKS = 8;

    /** Requests that arrive at once. */
    final int atOnce;

    final String method;
    final int fields;
    final String request;
    final String body;

    HttpInput(int atOnce, String method, int fields, String request, String body) {
        this.atOnce = atOnce;
        this.method = method;
        this.fields = fields;
        this.request = request;
        this.body = body;
    }

    String target() {
        return request.split(" ", 3)[1];
    }

    byte[] bytes() {
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    private static String browser() {
        String[] lines = {
            "GET /articles/2024/05/a-walk-along-the-river?page=2&sort=newest HTTP/1.1",
            "Host: www.example.com",
            "Connection: keep-alive",
            "Cache-Control: max-age=0",
            "Upgrade-Insecure-Requests: 1",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0"
                    + " Safari/537.36",
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "Sec-Fetch-Site: same-origin",
            "Sec-Fetch-Mode: navigate",
            "Referer: https://www.example.com/articles/2024/05/",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
            "Cookie: session="
        };
        int padding = BROWSER_BYTES - head(lines).length();
        lines[lines.length - 1] += "0123456789abcdef".repeat(BROWSER_BYTES / 16).substring(0, padding);
        return head(lines);
    }

    private static String sixtyFields() {
        String[] lines = new String[61];
        lines[0] = "GET /hello HTTP/1.1";
        lines[1] = "Host: example.com";
        for (int i = 2; i < lines.length; i++) {
            lines[i] = "X-Forwarded-Detail-" + i + ": value " + "abcdefghij".repeat(i % 4) + i;
        }
        return head(lines);
    }

    private static String chunked() {
        StringBuilder all = new StringBuilder(head(
                "POST /upload HTTP/1.1",
                "Host: example.com",
                "User-Agent: curl/8.14.1",
                "Accept: */*",
                "Content-Type: application/octet-stream",
                "Transfer-Encoding: chunked"));
        for (int i = 0; i < CHUNKS; i++) {
            all.append("400\r\n").append(chunk()).append("\r\n");
        }
        return all.append("0\r\n\r\n").toString();
    }

    private static String body() {
        return chunk().repeat(CHUNKS);
    }

    private static String chunk() {
        return "0123456789abcdef".repeat(64);
    }

    private static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }
}
