// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.HeapOutput;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.prelude.ProxyHeader.Command;
import dev.sluice.prelude.ProxyHeaderFramer;
import dev.sluice.prelude.ProxyVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PROXY protocol with other programs that speak it: what HAProxy sends is read, what is written HAProxy and nginx read. */
final class ProxyProtocolTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    @TempDir
    private Path directory;

    // ---- HAProxy sends

    private ProxyHeader sentByHaproxy(String options) throws Exception {
        try (ServerSocket backend = listener();
                Haproxy haproxy = Haproxy.start(directory, server(backend, options));
                Socket client = new Socket("127.0.0.1", haproxy.port)) {
            client.getOutputStream().write(GET.getBytes(ISO_8859_1));
            try (Socket accepted = backend.accept()) {
                ProxyHeader header = read(accepted);
                assertEquals(client.getLocalSocketAddress(), header.source());
                assertEquals(client.getRemoteSocketAddress(), header.destination());
                return header;
            }
        }
    }

    private static ServerSocket listener() throws IOException {
        ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        listener.setSoTimeout(PATIENCE_MILLIS);
        return listener;
    }

    private static String server(ServerSocket backend, String options) {
        return "server a 127.0.0.1:" + backend.getLocalPort() + " " + options;
    }

    /** Reads a header byte by byte, so that nothing behind it is lost. */
    private static ProxyHeader read(Socket socket) throws IOException, FrameException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        InputStream in = socket.getInputStream();
        ProxyHeaderFramer framer = new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES);
        ByteBuffer seen = ByteBuffer.allocate(ProxyHeaderFramer.DEFAULT_HEADER_BYTES);
        ProxyHeader header;
        do {
            int b = in.read();
            assertTrue(b >= 0, "the stream has ended");
            seen.put((byte) b);
            header = framer.next(seen.duplicate().flip());
        } while (header == null);
        return header;
    }

    @Test
    void haproxysLineIsRead() throws Exception {
        assertEquals(ProxyVersion.V1, sentByHaproxy("send-proxy").version());
    }

    @Test
    void haproxysBlockIsRead() throws Exception {
        ProxyHeader header = sentByHaproxy("send-proxy-v2");
        assertEquals(ProxyVersion.V2, header.version());
        assertFalse(header.hasChecksum());
    }

    @Test
    void haproxysChecksumAndTlvsAreRead() throws Exception {
        ProxyHeader header = sentByHaproxy("send-proxy-v2-ssl-cn proxy-v2-options crc32c,ssl,cert-cn,cert-key");
        assertTrue(header.hasChecksum());
        assertTrue(header.ssl() == null || !header.ssl().isTls(), header::toString);
    }

    @Test
    void haproxysHealthCheckIsLocal() throws Exception {
        try (ServerSocket backend = listener();
                Haproxy haproxy =
                        Haproxy.start(directory, server(backend, "send-proxy-v2 check check-send-proxy inter 100ms"));
                Socket check = backend.accept()) {
            ProxyHeader header = read(check);
            assertEquals(Command.LOCAL, header.command(), haproxy::toString);
            assertNull(header.source());
        }
    }

    // ---- what is written, others read

    private static List<ProxyHeader> headers() throws IOException {
        InetSocketAddress ipv4 = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 1111);
        InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 65535);
        ProxyHeader v2 = ProxyHeader.of(ProxyVersion.V2, ipv4, ipv4);
        return List.of(
                ProxyHeader.of(ProxyVersion.V1, ipv4, ipv4),
                ProxyHeader.of(ProxyVersion.V1, ipv6, ipv6),
                v2,
                ProxyHeader.of(ProxyVersion.V2, ipv6, ipv6),
                v2.withChecksum(),
                v2.withAuthority("example.org")
                        .withAlpn("h2")
                        .withUniqueId(ByteBuffer.wrap("id".getBytes(ISO_8859_1)))
                        .withNetns("blue")
                        .withChecksum());
    }

    private static String answer(int port, ProxyHeader header) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            ByteBuffer bytes = HeapOutput.encode(header, ProxyHeader::encode);
            socket.getOutputStream().write(bytes.array(), bytes.position(), bytes.remaining());
            socket.getOutputStream().write(GET.getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            return answer.substring(answer.lastIndexOf("\r\n\r\n") + 4);
        }
    }

    private static String address(ProxyHeader header) {
        InetSocketAddress source = (InetSocketAddress) header.source();
        String host = source.getPort() == 1111 ? "192.0.2.1" : "2001:db8::1";
        return host + " " + source.getPort();
    }

    @Test
    void haproxyReadsWhatIsWritten() throws Exception {
        Haproxy.installed();
        int port = Program.freePort();
        String answer = "http-request return status 200 content-type text/plain lf-string"
                + " \"%[src] %[src_port] <%[fc_pp_authority]> <%[fc_pp_unique_id]>\"";
        try (Haproxy haproxy = Haproxy.start(
                directory, answer, "listen proxied", "bind 127.0.0.1:" + port + " accept-proxy", answer)) {
            for (ProxyHeader header : headers()) {
                String told = header.authority() == null ? " <> <>" : " <example.org> <id>";
                assertEquals(address(header) + told, answer(port, header), haproxy::toString);
            }
            assertTrue(answer(port, ProxyHeader.unknown(ProxyVersion.V1)).startsWith("127.0.0.1 "));
            assertTrue(answer(port, ProxyHeader.local()).startsWith("127.0.0.1 "));
        }
    }

    @Test
    void nginxReadsWhatIsWritten() throws Exception {
        Nginx.installed();
        int port = Program.freePort();
        String site = "server { listen 127.0.0.1:" + port + " proxy_protocol;\n"
                + "location / { return 200 \"$proxy_protocol_addr $proxy_protocol_port\"; } }";
        try (Nginx nginx = Nginx.start(directory, site, port)) {
            for (ProxyHeader header : headers()) {
                assertEquals(address(header), answer(nginx.port, header), nginx::toString);
            }
        }
    }
}
