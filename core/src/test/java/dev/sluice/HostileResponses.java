// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.List;
import java.util.stream.Stream;

/** What backends could send to have two parsers read it differently, or a client get what isn't its own. */
final class HostileResponses {
    private HostileResponses() {}

    static final String OK = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc";
    static final String EVIL = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 4\r\n\r\nevil";

    private static final String STATUS = "HTTP/1.1 200 OK\r\n";
    /** What never is a response, so that the client is told 502. */
    static final List<String> NO_RESPONSES = List.of(
            // status lines
            "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
            "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.10 200 OK\r\nContent-Length: 0\r\n\r\n",
            "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            " HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "\0HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "ICY 200 OK\r\nContent-Length: 0\r\n\r\n",
            "evil\r\n\r\n",
            // fields
            STATUS + "A: b\nContent-Length: 0\r\n\r\n",
            STATUS + "A: b\rContent-Length: 0\r\n\r\n",
            STATUS + "A: b\r\r\nContent-Length: 0\r\n\r\n",
            STATUS + "Content-Length: 0\n\r\n",
            STATUS + "Content-Length: 0\r\n\n",
            STATUS + "A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A: b\r\n\tc\r\nContent-Length: 0\r\n\r\n",
            STATUS + " A: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A : b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\t: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\r\nContent-Length: 0\r\n\r\n",
            STATUS + ": b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\0: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\u0001: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\u000b: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\u007f: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A\u00e9: b\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A(b): c\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A: b\0c\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A: b\u000bc\r\nContent-Length: 0\r\n\r\n",
            STATUS + "A: b\u007f\r\nContent-Length: 0\r\n\r\n",
            // lengths
            STATUS + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nevil",
            STATUS + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nevil",
            STATUS + "Content-Length: 4\r\ncontent-length: 0\r\n\r\nevil",
            STATUS + "Content-Length: 4, 4\r\n\r\nevil",
            STATUS + "Content-Length: 4 4\r\n\r\nevil",
            STATUS + "Content-Length: 4;\r\n\r\nevil",
            STATUS + "Content-Length: +4\r\n\r\nevil",
            STATUS + "Content-Length: -4\r\n\r\nevil",
            STATUS + "Content-Length: 0x4\r\n\r\nevil",
            STATUS + "Content-Length: 4.0\r\n\r\nevil",
            STATUS + "Content-Length: 1e1\r\n\r\nevil",
            STATUS + "Content-Length: \"4\"\r\n\r\nevil",
            STATUS + "Content-Length:\r\n\r\nevil",
            STATUS + "Content-Length: \u00b2\r\n\r\nevil",
            STATUS + "Content-Length: 9223372036854775808\r\n\r\nevil",
            STATUS + "Content-Length: 18446744073709551620\r\n\r\nevil",
            STATUS + "Content-Length: 4294967300 \t4\r\n\r\nevil",
            STATUS + "Content-Length : 4\r\n\r\nevil",
            STATUS + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding:\r\n\r\n0\r\n\r\nevil",
            STATUS + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nevil",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nevil",
            // where there is no body
            "HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\nevil",
            "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n",
            "HTTP/1.1 304 No\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 100 Go on\r\nContent-Length: 4\r\n\r\nevil" + OK,
            "HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n" + OK,
            "HTTP/1.0 100 Go on\r\n\r\n" + OK,
            "HTTP/1.1 103 Hints\r\nA : b\r\n\r\n" + OK,
            // what nobody has asked for
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nevil",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK,
            "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n".repeat(101) + OK,
            "HTTP/1.1 100 Go on\r\n\r\n".repeat(200) + OK,
            "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nevil");

    /** Chunked bodies that go wrong when their head has been passed on, so that the client is cut. */
    static final List<String> NO_CHUNKS = List.of(
            "-4\r\nevil\r\n0\r\n\r\n",
            "+4\r\nevil\r\n0\r\n\r\n",
            "0x4\r\nevil\r\n0\r\n\r\n",
            " 4\r\nevil\r\n0\r\n\r\n",
            "4 \r\nevil\r\n0\r\n\r\n",
            "4\nevil\r\n0\r\n\r\n",
            "4\rXevil\r\n0\r\n\r\n",
            "\r\nevil\r\n0\r\n\r\n",
            ";a=b\r\nevil\r\n0\r\n\r\n",
            "g\r\nevil\r\n0\r\n\r\n",
            "4_\r\nevil\r\n0\r\n\r\n",
            "10000000000000004\r\nevil\r\n0\r\n\r\n",
            "8000000000000004\r\nevil\r\n0\r\n\r\n",
            "ffffffffffffffff\r\nevil\r\n0\r\n\r\n",
            "00000000000000000000004\r\nevil\r\n0\r\n\r\n",
            "4;a=\"b\r\nevil\r\n0\r\n\r\n",
            "4;a=\"\0\"\r\nevil\r\n0\r\n\r\n",
            "4;\r\nevil\r\n0\r\n\r\n",
            "4;a=b\nevil\r\n0\r\n\r\n",
            "3\r\nevil\r\n0\r\n\r\n",
            "4\r\nevil\n0\r\n\r\n",
            "4\r\nevil0\r\n\r\n",
            "4\r\nevil\r\n0\n\r\n",
            "4\r\nevil\r\n0\r\n\n",
            "4\r\nevil\r\n0\r\nA: b\n\r\n",
            "4\r\nevil\r\n0\r\nA : b\r\n\r\n",
            "4\r\nevil\r\n0\r\n A: b\r\n\r\n",
            "4\r\nevil\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n",
            "4\r\nevil\r\n-0\r\n\r\n",
            "4\r\nevil\r\n" + EVIL);

    /** What is sent, and what a client gets of it. */
    record Passed(String method, String sent, String expected) {}

    /** Responses that are right, and may be followed by others that nobody gets. */
    static Stream<Passed> followed() {
        String head = "HTTP/1.1 200 OK\r\nDate: D\r\n";
        String length = head + "Content-Length: 3\r\n\r\n";
        String chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                new Passed("GET", OK, OK),
                new Passed("GET", head + "Content-Length: 0\r\n\r\n", head + "Content-Length: 0\r\n\r\n"),
                new Passed("GET", OK + "\r\n", OK),
                new Passed("GET", OK + "\0", OK),
                new Passed("GET", length + "abc0\r\n\r\n", OK),
                new Passed(
                        "GET",
                        head + "Content_Length: 7\r\nTransfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
                        OK),
                new Passed("GET", head + "Connection: content-length, x\r\nX: y\r\nContent-Length: 3\r\n\r\nabc", OK),
                new Passed("GET", head + "Trailer: Content-Length\r\nContent-Length: 003\r\n\r\nabc", OK),
                new Passed("GET", head + "Content-Length: \t3 \t\r\n\r\nabc", OK),
                new Passed("GET", "HTTP/1.9 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc", OK),
                new Passed("GET", chunked + "3\r\nabc\r\n0\r\n\r\n", chunked + "3\r\nabc\r\n0\r\n\r\n"),
                new Passed(
                        "GET",
                        chunked + "03;a=\"\\\"\";b\r\nabc\r\n000\r\nContent-Length: 7\r\nDate: E\r\n\r\n",
                        chunked + "3\r\nabc\r\n0\r\n\r\n"),
                new Passed("GET", head + "Transfer-Encoding: Chunked \r\n\r\n0\r\n\r\n", chunked + "0\r\n\r\n"),
                new Passed("HEAD", length + "abc", length),
                new Passed("HEAD", chunked + "4\r\nevil\r\n0\r\n\r\n", head + "\r\n"),
                new Passed("HEAD", head + "\r\nevil", head + "\r\n"),
                new Passed("GET", "HTTP/1.1 204 No\r\nDate: D\r\n\r\nevil", "HTTP/1.1 204 No\r\nDate: D\r\n\r\n"),
                new Passed(
                        "GET",
                        "HTTP/1.1 204 No\r\nDate: D\r\nContent-Length: 0\r\n\r\nevil",
                        "HTTP/1.1 204 No\r\nDate: D\r\n\r\n"),
                new Passed(
                        "GET",
                        "HTTP/1.1 304 No\r\nDate: D\r\nContent-Length: 4\r\n\r\nevil",
                        "HTTP/1.1 304 No\r\nDate: D\r\nContent-Length: 4\r\n\r\n"),
                new Passed(
                        "GET",
                        "HTTP/1.1 304 No\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n",
                        "HTTP/1.1 304 No\r\nDate: D\r\n\r\n"),
                new Passed("GET", "HTTP/1.1 103 A\r\nContent-Length: 0\r\n\r\n" + OK, "HTTP/1.1 103 A\r\n\r\n" + OK),
                new Passed("GET", "HTTP/1.1 100 A\r\nConnection: close\r\n\r\n" + OK, OK),
                new Passed("GET", head + "Connection: close\r\nContent-Length: 3\r\n\r\nabc", OK));
    }

    /** Of which, and of the two that follow, responses are made at random. */
    static final List<String> STARTS = List.of(
            "HTTP/1.1 200 OK",
            "HTTP/1.1 200 OK",
            "HTTP/1.1 200 OK",
            "HTTP/1.0 200 OK",
            "HTTP/1.1 204 No",
            "HTTP/1.1 304 No",
            "HTTP/1.1 100 Go",
            "HTTP/1.1 103 Go",
            "HTTP/1.1 101 Go",
            "HTTP/1.1 200",
            "evil");

    static final List<String> FIELDS = List.of(
            "Content-Length: 4",
            "content-length:4",
            "Content-Length: 0",
            "Content-Length: 4, 4",
            "Content-Length : 4",
            "Content_Length: 4",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding:\tchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: x\r\n chunked",
            " Transfer-Encoding: chunked",
            "X: a\nContent-Length: 4",
            "X: a\rTransfer-Encoding: chunked",
            "X: a\0b",
            "X: \u00e9",
            "Connection: content-length",
            "Connection: close",
            "Connection: keep-alive",
            "Connection: upgrade\r\nUpgrade: h2c",
            "Trailer: content-length");
    static final List<String> BODIES = List.of(
            "",
            "evil",
            "4\r\nevil\r\n0\r\n\r\n",
            "0\r\n\r\n",
            "4;a=\"b\r\nevil\r\n0\r\n\r\n",
            "4\nevil\n0\n\n",
            "3\r\nevil\r\n0\r\n\r\n",
            "0\r\nContent-Length: 4\r\n\r\n");
}
