// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import dev.sluice.CloseReason;
import dev.sluice.Connection;
import dev.sluice.DuplexProtocol;
import dev.sluice.frame.Framer;
import dev.sluice.frame.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** One of the demo's clients: a connection that has at most one question under way. */
final class Client {
    private static final byte[] QUESTION = ("x".repeat(63) + "\n").getBytes(StandardCharsets.US_ASCII);

    // written by whoever asks, who takes turns with the Reader
    private Connection connection;
    private LongPredicate onAnswer;
    private long askedNanos;

    /** A client that will ask once as soon as it is connected. */
    Client(LongPredicate onAnswer) {
        this.onAnswer = onAnswer;
    }

    /**
     * Asks, while no question is under way.
     *
     * @param onEachAnswer given the nanoseconds that it took, on the Reader's thread; says whether to ask again
     */
    void ask(LongPredicate onEachAnswer) {
        onAnswer = onEachAnswer;
        ask();
    }

    /** Resets the connection, if there is one. */
    void abort() {
        if (connection != null) {
            connection.abort();
        }
    }

    private void ask() {
        askedNanos = System.nanoTime();
        connection.send(ByteBuffer.wrap(QUESTION));
    }

    private void answered() {
        if (onAnswer.test(System.nanoTime() - askedNanos)) {
            ask();
        }
    }

    /**
     * What clients speak. Each connection has its client attached.
     *
     * @param onEnd told of each connection that ends
     */
    record Lines(Consumer<IOException> onEnd) implements DuplexProtocol<ByteBuffer> {
        @Override
        public Framer<ByteBuffer> newFramer(int maxFrameBytes) {
            return new LineFramer(maxFrameBytes);
        }

        @Override
        public void opened(Connection connection) {
            Client client = (Client) connection.attachment();
            client.connection = connection;
            client.ask();
        }

        @Override
        public void received(ByteBuffer line, Connection connection) {
            ((Client) connection.attachment()).answered();
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            onEnd.accept(new IOException("a connection ended: " + reason));
        }
    }
}
