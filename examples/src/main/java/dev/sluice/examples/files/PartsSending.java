// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.http.ByteRanges.Range;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Several ranges of a file in one body (RFC 9110, 14.6). */
final class PartsSending implements Runnable {
    private final HttpReplyStream stream;
    private final FileChannel file;
    private final List<Range> ranges;
    private final List<byte[]> heads;
    private final byte[] end;
    private int part; // whose head has been written
    private long sent; // of that part
    private boolean headWritten;

    private PartsSending(HttpReplyStream stream, FileChannel file, List<Range> ranges, List<byte[]> heads, byte[] end) {
        this.stream = stream;
        this.file = file;
        this.ranges = ranges;
        this.heads = heads;
        this.end = end;
    }

    /** Sends the reply, and closes the file in the end. */
    static void begin(HttpReply reply, String type, FileChannel file, List<Range> ranges, long length) {
        String boundary = UUID.randomUUID().toString();
        List<byte[]> heads = new ArrayList<>();
        byte[] end = ascii("\r\n--" + boundary + "--\r\n");
        long bytes = end.length;
        for (Range range : ranges) {
            byte[] head = ascii("\r\n--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                    + range.of(length) + "\r\n\r\n");
            heads.add(head);
            bytes += head.length + range.count();
        }
        HttpReplyStream stream = reply.stream("multipart/byteranges; boundary=" + boundary, bytes);
        stream.whenWritable(new PartsSending(stream, file, ranges, heads, end));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void run() {
        while (stream.isOpen() && part < ranges.size()) {
            if (!headWritten) {
                headWritten = true;
                stream.write(ByteBuffer.wrap(heads.get(part)));
            }
            Range range = ranges.get(part);
            sent += stream.transfer(file, range.position() + sent, range.count() - sent);
            if (sent < range.count()) {
                stream.whenWritable(this);
                return;
            }
            part++;
            sent = 0;
            headWritten = false;
        }
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (stream.isOpen()) {
                stream.write(ByteBuffer.wrap(end));
                stream.end();
            }
        }
    }
}
