// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.HeapOutput;
import dev.sluice.resp.RespEncoder;
import dev.sluice.resp.RespValue;
import dev.sluice.resp.RespValueFramer;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A blocking client, for scripts: bytes are written as {@code ~} for CR LF, one byte for each character. */
final class RespClient implements AutoCloseable {
    private final Socket socket;
    private final RespValueFramer framer = new RespValueFramer(64 << 20);
    private final byte[] chunk = new byte[8192];
    private ByteBuffer in = ByteBuffer.allocate(0);

    RespClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
    }

    RespClient send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes(bytes));
        return this;
    }

    RespClient request(String... words) throws IOException {
        ByteBuffer bytes = HeapOutput.encode(List.of(words), RespEncoder.WORDS);
        socket.getOutputStream().write(bytes.array(), 0, bytes.limit());
        return this;
    }

    /** Expects exactly these bytes next. Not to be mixed with {@link #value}. */
    RespClient expect(String bytes) throws IOException {
        byte[] expected = bytes(bytes);
        byte[] got = socket.getInputStream().readNBytes(expected.length);
        assertEquals(bytes, new String(got, StandardCharsets.ISO_8859_1).replace("\r\n", "~"));
        return this;
    }

    /** Expects the end of the stream. */
    void expectEnd() throws IOException {
        assertEquals("", rest());
    }

    /** Everything up to the end of the stream. */
    String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** The next reply. */
    RespValue value() throws IOException, FrameException {
        while (true) {
            RespValue value = in.hasRemaining() ? framer.next(in) : null;
            if (value != null) {
                return value;
            }
            int n = socket.getInputStream().read(chunk);
            if (n < 0) {
                throw new EOFException("the server has ended its stream");
            }
            ByteBuffer more = ByteBuffer.allocate(in.remaining() + n);
            in = more.put(in).put(chunk, 0, n).flip();
        }
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
