// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * No benchmark but a count: the live heap that one idle connection of a server costs, by class. Its clients are another
 * process, so that only the server's objects are counted. Each connection has echoed a line, or had a request answered, before
 * it idles.
 *
 * <pre>{@code
 * java -cp jmh/target/benchmarks.jar dev.sluice.jmh.IdleCost sluice 2000
 * }</pre>
 */
public final class IdleCost {
    private static final int SMALL_CHANGE = 8; // classes with fewer bytes per connection are not printed

    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private IdleCost() {}

    /** Arguments: server (sluice, sluice-http, nio or netty) and number of connections; within reach of {@code ulimit -n}. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("clients")) {
            connect(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            return;
        }
        int connections = Integer.parseInt(args[1]);
        EchoServer server = Peers.start(args[0]);
        clients(server.port(), 100); // what the first ones leave behind is no cost of a connection
        Map<String, Long> before = liveBytes();
        Process idle = start(server.port(), connections);
        Map<String, Long> after = liveBytes();
        end(idle);
        server.stop();
        print(args[0], connections, before, after);
    }

    private static void print(String server, int connections, Map<String, Long> before, Map<String, Long> after) {
        double sum = 0;
        for (var entry : after.entrySet()) {
            double each = (double) (entry.getValue() - before.getOrDefault(entry.getKey(), 0L)) / connections;
            sum += each;
            if (each >= SMALL_CHANGE) {
                System.out.printf("%8.1f  %s%n", each, entry.getKey());
            }
        }
        System.out.printf(
                "%8.1f  bytes of live heap per idle connection, %s, %d connections, JDK %s%n",
                sum, server, connections, Runtime.version().feature());
    }

    // The histogram does a full collection first.
    private static Map<String, Long> liveBytes() throws JMException {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> bytes = new TreeMap<>();
        for (String line : histogram.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (words[0].matches("\\d+:")) {
                bytes.merge(words[3], Long.parseLong(words[2]), Long::sum);
            }
        }
        return bytes;
    }

    private static void clients(int port, int connections) throws IOException, InterruptedException {
        end(start(port, connections));
    }

    private static Process start(int port, int connections) throws IOException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleCost.class.getName(),
                        "clients",
                        String.valueOf(port),
                        String.valueOf(connections))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.getInputStream().read() < 0) {
            throw new IOException("the clients could not connect; see ulimit -n");
        }
        return process;
    }

    private static void end(Process clients) throws IOException, InterruptedException {
        clients.getOutputStream().close();
        clients.waitFor();
    }

    private static void connect(int port, int connections) throws IOException {
        ByteBuffer request = ByteBuffer.allocateDirect(REQUEST.length);
        ByteBuffer answer = ByteBuffer.allocateDirect(4096); // comes at once
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channels.add(channel);
            channel.write(request.clear().put(REQUEST).flip());
            channel.read(answer.clear());
        }
        System.out.println("connected");
        if (System.in.read() < 0) { // until the parent lets go
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }
}
