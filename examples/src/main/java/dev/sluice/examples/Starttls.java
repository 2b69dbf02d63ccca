// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import dev.sluice.Connection;
import dev.sluice.Endpoint;
import dev.sluice.Reply;
import dev.sluice.RequestProtocol;
import dev.sluice.Server;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import dev.sluice.tls.IdentityFile;
import dev.sluice.tls.ServerTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Speaks as much of SMTP as it takes to go over to TLS (RFC 3207): a greeting, EHLO, NOOP, STARTTLS and QUIT, but no mail. Try it
 * with {@code openssl s_client -starttls smtp -connect 127.0.0.1:7025}.
 */
public final class Starttls implements RequestProtocol<ByteBuffer> {
    /** A protocol that remembers nothing of what was said before, so there is nothing to forget when TLS has begun. */
    public Starttls() {}

    /** A server whose clients may go over to TLS, still to be started. */
    public static Server.Builder server(Endpoint endpoint, ServerTls tls) {
        return server(endpoint.withStartTls(tls));
    }

    /** The same at an endpoint that says how already. */
    public static Server.Builder server(Endpoint endpoint) {
        return Server.builder().listen(endpoint, new Starttls());
    }

    @Override
    public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
        return new LineFramer(maxFrameBytes);
    }

    @Override
    public void opened(Connection connection) {
        connection.send(lines("220 localhost ESMTP"));
    }

    // snippet: starttls
    @Override
    public void handle(ByteBuffer line, Reply reply) {
        boolean mayStartTls = reply.connection().mayStartTls();
        switch (verb(line)) {
            case "EHLO" -> reply.send(mayStartTls ? lines("250-localhost", "250 STARTTLS") : lines("250 localhost"));
            case "NOOP" -> reply.send(lines(mayStartTls ? "250 in clear" : "250 by TLS"));
            case "STARTTLS" -> {
                if (mayStartTls) {
                    reply.thenStartTls();
                }
                reply.send(lines(mayStartTls ? "220 go ahead" : "503 it is encrypted already"));
            }
            case "QUIT" -> {
                reply.thenClose();
                reply.send(lines("221 bye"));
            }
            default -> reply.send(lines("502 not here"));
        }
    }
    // end snippet

    private static ByteBuffer lines(String... lines) {
        return StandardCharsets.US_ASCII.encode(String.join("\r\n", lines) + "\r\n");
    }

    private static String verb(ByteBuffer line) {
        String text = StandardCharsets.ISO_8859_1.decode(line.duplicate()).toString();
        int end = text.indexOf(' ');
        return (end < 0 ? text : text.substring(0, end)).toUpperCase(Locale.ROOT);
    }

    /** Listens on the port that is the first argument, with the certificates and the key in the files behind it. */
    public static void main(String[] args) throws IOException {
        ServerTls tls = ServerTls.of(IdentityFile.pem(Path.of(args[1]), Path.of(args[2])));
        Server server = server(Endpoint.tcp("127.0.0.1", Integer.parseInt(args[0])), tls)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("listening on " + server.listeners().get(0));
    }
}
