// SPDX-License-Identifier: Apache-2.0
package consumer;

import dev.sluice.Endpoint;
import dev.sluice.Protocol;
import dev.sluice.Server;
import dev.sluice.frame.LineEncoder;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.net.Socket;

/** Starts a server, asks it once, and says how this program was put together. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        var lines = Protocol.of(LineFramer::new, (line, reply) -> reply.send(line, LineEncoder.LF));
        try (Server server =
                        Server.builder().listen(Endpoint.tcp("127.0.0.1", 0), lines).start();
                Socket client = new Socket("127.0.0.1", server.port())) {
            client.setSoTimeout(30_000);
            client.getOutputStream().write("hello\n".getBytes());
            String answer = new String(client.getInputStream().readNBytes(6)).strip();
            String path = Server.class.getModule().isNamed() ? "module path" : "class path";
            System.out.println(answer + " on the " + path);
        }
    }
}
