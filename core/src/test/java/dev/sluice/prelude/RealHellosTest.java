// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static dev.sluice.prelude.ProxyBytes.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello.Ech;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hellos of TLS libraries in use: the JDK's own, and OpenSSL's where its program is installed. */
class RealHellosTest {
    private static final int PATIENCE_MILLIS = 20_000;

    static byte[] jdk(String version, String name, String... protocols) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (version != null) {
            parameters.setProtocols(new String[] {version});
        }
        if (name != null) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        engine.closeOutbound();
        return Arrays.copyOf(out.array(), out.position());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, 771", "TLSv1.3, 772"})
    void theJdksHellosAreRead(String version, int number) throws Exception {
        check(jdk(version, "Www.Example.org", "h2", "http/1.1"), "www.example.org", List.of("h2", "http/1.1"), number);
        check(jdk(version, "example.org"), "example.org", List.of(), number);
        check(jdk(version, null, "h2"), null, List.of("h2"), number);
        check(jdk(version, null), null, List.of(), number);
    }

    @Test
    void theJdksHelloOfAllItsVersionsIsRead() throws Exception {
        ClientHello hello = HelloBytes.look(jdk(null, "example.org"));
        assertTrue(hello.offers(ClientHello.TLS_1_2) && hello.offers(ClientHello.TLS_1_3), hello::toString);
    }

    /** Reads it whole, followed by others' bytes, by one byte at a time and in records of one; and no beginning of it. */
    private static void check(byte[] stream, String name, List<String> protocols, int version) throws FrameException {
        ClientHello hello = HelloBytes.look(join(stream, new byte[7]));
        assertEquals(new ClientHello(name, protocols, List.of(version), Ech.NONE, stream.length), hello);
        assertEquals(hello, ProxyBytes.readByBytes(HelloBytes.framer(65536), stream));
        assertEquals(name, HelloBytes.look(HelloBytes.inRecordsOf(1, stream)).serverName());
        for (int cut = 0; cut < stream.length; cut++) {
            assertNull(HelloBytes.look(Arrays.copyOf(stream, cut)));
        }
    }

    /** A message that ends too early, at each place, with lengths that fit in front of it: refused, or one without extensions. */
    @Test
    void everyMessageCutShortIsRefused() throws Exception {
        for (byte[] stream : List.of(
                jdk("TLSv1.2", "example.org", "h2"),
                jdk("TLSv1.3", "example.org", "h2"),
                HelloBytes.browsers("example.org"))) {
            byte[] body = Arrays.copyOfRange(stream, 9, stream.length);
            int withoutExtensions = 0;
            for (int cut = 0; cut < body.length; cut++) {
                byte[] hello = HelloBytes.hello(Arrays.copyOf(body, cut));
                try {
                    assertNull(HelloBytes.look(hello).serverName());
                    withoutExtensions++;
                } catch (FrameException e) {
                    assertEquals(50, e.code(), e::getMessage);
                }
            }
            assertEquals(1, withoutExtensions);
        }
    }

    // ---- OpenSSL

    @ParameterizedTest
    @CsvSource({"-tls1_2, 771", "-tls1_3, 772"})
    @Timeout(60)
    void openSslsHellosAreRead(String option, int number) throws Exception {
        byte[] named = openSsl(option, "-servername", "Www.Example.org", "-alpn", "h2,http/1.1");
        check(named, "www.example.org", List.of("h2", "http/1.1"), number);
        check(openSsl(option, "-noservername"), null, List.of(), number);
    }

    @Test
    @Timeout(60)
    void openSslsHelloInSeveralRecordsIsRead() throws Exception {
        String protocols = ("x".repeat(200) + ",").repeat(5) + "h2";
        byte[] stream = openSsl("-tls1_3", "-servername", "a.example", "-alpn", protocols, "-max_send_frag", "512");
        assertTrue(stream.length - 5 > (stream[3] << 8 | stream[4] & 0xFF), "there is one record");
        ClientHello hello = HelloBytes.look(stream);
        assertEquals("a.example", hello.serverName());
        assertEquals(6, hello.protocols().size());
        assertEquals(hello, ProxyBytes.readByBytes(HelloBytes.framer(65536), stream));
    }

    @Test
    @Timeout(60)
    void openSslsNameThatIsAnAddressIsNone() throws Exception {
        byte[] stream = openSslBytes("-tls1_3", "-servername", "192.0.2.1");
        assertEquals(null, HelloBytes.look(stream).serverName());
    }

    private static byte[] openSsl(String... options) throws Exception {
        byte[] stream = openSslBytes(options);
        assertEquals(stream.length, HelloBytes.look(stream).bytes());
        return stream;
    }

    /** What the program sends until a reader has seen a hello or refused it. */
    private static byte[] openSslBytes(String... options) throws Exception {
        String program = program();
        assumeTrue(program != null, "openssl is not installed");
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(PATIENCE_MILLIS);
            List<String> command =
                    new ArrayList<>(List.of(program, "s_client", "-connect", "127.0.0.1:" + listener.getLocalPort()));
            command.addAll(List.of(options));
            Process client = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (Socket socket = listener.accept()) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                return readHello(socket.getInputStream());
            } finally {
                client.destroyForcibly();
                assertTrue(client.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), "openssl goes on");
            }
        }
    }

    private static byte[] readHello(InputStream in) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        ClientHelloReader reader = new ClientHelloReader();
        byte[] some = new byte[4096];
        try {
            do {
                int count = in.read(some);
                assertTrue(count > 0, "openssl has ended its stream");
                seen.write(some, 0, count);
            } while (reader.look(ByteBuffer.wrap(seen.toByteArray())) == null);
        } catch (FrameException e) {
            return seen.toByteArray(); // for the caller to see
        }
        return seen.toByteArray();
    }

    private static String program() {
        String path = System.getenv("PATH");
        return Stream.of((path == null ? "" : path).split(File.pathSeparator))
                .map(folder -> new File(folder, "openssl"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst()
                .orElse(null);
    }
}
