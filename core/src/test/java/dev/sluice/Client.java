// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A blocking client on loopback, independent of what is tested. Every read has a deadline. */
final class Client implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    final Socket socket;

    Client(Server server) throws IOException {
        this(server, 0);
    }

    /** With a receive buffer of about that many bytes, so that it is soon full; 0 for the machine's own choice. */
    Client(Server server, int receiveBuffer) throws IOException {
        this(server, receiveBuffer, server.port());
    }

    /** The same at one of several ports. */
    Client(Server server, int receiveBuffer, int port) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    }

    /** The other end of a connection, a server's. */
    Client(Socket accepted) throws IOException {
        socket = accepted;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Reads exactly that many bytes. */
    byte[] read(int n) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(n);
        if (bytes.length < n) {
            throw new IOException("stream ended after " + bytes.length + " of " + n + " bytes");
        }
        return bytes;
    }

    /** Reads as many characters as {@code expected} has, and returns them. */
    String read(String expected) throws IOException {
        return new String(read(expected.length()), StandardCharsets.ISO_8859_1);
    }

    /** Reads until the server has ended its stream. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Reads until that character has come, which is not in what is returned. */
    String readUntil(char last) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c; (c = socket.getInputStream().read()) != last; ) {
            if (c < 0) {
                throw new IOException("stream ended after '" + text + "'");
            }
            text.append((char) c);
        }
        return text.toString();
    }

    /** Reads until that text has come, which is in what is returned. */
    String readThrough(String last) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < last.length() || text.indexOf(last, text.length() - last.length()) < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new IOException("stream ended after '" + text + "'");
            }
            text.append((char) c);
        }
        return text.toString();
    }

    /** Whether the server has ended the connection by a reset; what came before that is read. */
    boolean isReset() {
        try {
            readAll();
            return false;
        } catch (IOException e) {
            return !(e instanceof SocketTimeoutException);
        }
    }

    /** Whether the server has ended the connection, in order or by a reset. */
    boolean isEnded() throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
