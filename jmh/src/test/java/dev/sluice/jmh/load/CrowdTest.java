// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CrowdTest {

    @Test
    void whatComesBackAsItWasSentIsCounted() throws Exception {
        try (Crooked server = new Crooked(bytes -> bytes);
                Crowd crowd = new Crowd(server.address())) {
            crowd.hold(1);
            assertTrue(crowd.echo(1, 16, 64, 0).items() >= 16);
        }
    }

    @Test
    void messagesThatASocketDoesntTakeAtOnceAreSentOn() throws Exception {
        try (Crooked server = new Crooked(bytes -> bytes);
                Crowd crowd = new Crowd(server.address())) {
            crowd.hold(1);
            assertTrue(crowd.echo(1, 256, 64 << 10, 0).items() >= 256);
            assertTrue(crowd.medianNanos(0) > 0); // and messages are short again
        }
    }

    @Test
    void aByteThatComesBackAsAnotherIsFound() throws Exception {
        try (Crooked server = new Crooked(bytes -> bytes.put(7, (byte) 0));
                Crowd crowd = new Crowd(server.address())) {
            UncheckedIOException failed = assertThrows(UncheckedIOException.class, () -> crowd.hold(1));
            assertEquals(
                    "the server sent back other bytes than it got",
                    failed.getCause().getMessage());
        }
    }

    /** A server for one connection that may change what it sends back. */
    private static final class Crooked implements AutoCloseable {
        private final ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        private final Thread thread;

        Crooked(UnaryOperator<ByteBuffer> change) throws IOException {
            thread = new Thread(() -> serve(change), "crooked");
            thread.start();
        }

        InetSocketAddress address() throws IOException {
            return (InetSocketAddress) listener.getLocalAddress();
        }

        private void serve(UnaryOperator<ByteBuffer> change) {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            try (SocketChannel channel = listener.accept()) {
                while (channel.read(buffer.clear()) >= 0) {
                    buffer.flip();
                    channel.write(change.apply(buffer));
                }
            } catch (IOException e) {
                // the client's reset
            }
        }

        @Override
        public void close() throws Exception {
            listener.close();
            thread.join();
        }
    }
}
