// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.http.ByteRanges.Range;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Several ranges of a file in one body (RFC 9110, 14.6). */
final class PartsSending implements Runnable {
    private final HttpReplyStream stream;
    private final OpenFile file;
    private final List<Range> ranges;
    private final List<byte[]> heads;
    private final byte[] end;
    private int part; // whose head has been written
    private long sent; // of that part
    private boolean headWritten;

    private PartsSending(HttpReplyStream stream, OpenFile file, List<Range> ranges, List<byte[]> heads, byte[] end) {
        this.stream = stream;
        this.file = file;
        this.ranges = ranges;
        this.heads = heads;
        this.end = end;
    }

    /** Sends the reply. The file is used until that is done. */
    static void begin(HttpReply reply, OpenFile file, List<Range> ranges) {
        String boundary = UUID.randomUUID().toString();
        List<byte[]> heads = new ArrayList<>();
        byte[] end = ascii("\r\n--" + boundary + "--\r\n");
        long bytes = end.length;
        for (Range range : ranges) {
            byte[] head = ascii("\r\n--" + boundary + "\r\nContent-Type: " + file.type() + "\r\nContent-Range: "
                    + range.of(file.size()) + "\r\n\r\n");
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
            sent += stream.transfer(file.channel(), range.position() + sent, range.count() - sent);
            if (sent < range.count()) {
                stream.whenWritable(this);
                return;
            }
            part++;
            sent = 0;
            headWritten = false;
        }
        file.release();
        if (stream.isOpen()) {
            stream.write(ByteBuffer.wrap(end));
            stream.end();
        }
    }
}
