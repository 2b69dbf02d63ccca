// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.prelude.IpText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/** Makes the lines of an access log. Any thread. */
final class AccessLines {
    /** Most bytes of a field that are shown. */
    private static final int MOST_OF_A_FIELD = 1024;

    private final HttpAccessLog log;
    private final EachSecond time;
    private final RareWarning failed = new RareWarning("the sink of an access log failed, a line is lost");

    AccessLines(HttpAccessLog log, LongSupplier epochMillis) {
        this.log = log;
        this.time = new EachSecond(epochMillis, log::time);
    }

    AccessLines withClock(LongSupplier epochMillis) {
        return new AccessLines(log, epochMillis);
    }

    /** Puts what stands in front of the status, and what stands behind the bytes. */
    void begin(String address, HttpRequest request, LogLine front, LogLine back) {
        begin(address, front);
        front.put('"').put(request.method()).put(' ');
        front.quoted(
                request.behindMethod(),
                ReceivedLine.MOST_BYTES - request.method().length() - 1);
        front.put("\" ");
        back.clear();
        if (log.isCombined()) {
            field(back, request, "referer");
            field(back, request, "user-agent");
        }
        back.put('\n');
    }

    private void begin(String address, LogLine front) {
        front.clear();
        front.put(address).put(" - - ").put(time.now()).put(' ');
    }

    private static void field(LogLine line, HttpRequest request, String name) {
        line.put(" \"");
        int field = request.fields().find(name, 0);
        if (field < 0) {
            line.put('-');
        } else {
            line.quoted(request.fields().valueBytes(field), MOST_OF_A_FIELD);
        }
        line.put('"');
    }

    /** Writes the line of what never became a request; {@code received} is null if there is no line of it. */
    void refused(Connection connection, ReceivedLine received, int status, long bytes) {
        LogLine line = new LogLine();
        begin(address(connection.remoteAddress()), line);
        line.put('"');
        if (received == null) {
            line.put('-');
        } else {
            line.quoted(ByteBuffer.wrap(received.bytes()), ReceivedLine.MOST_BYTES);
            line.put(received.isCut() ? "..." : "");
        }
        line.put("\" ");
        LogLine back = new LogLine();
        write(line, status, bytes, back.put(log.isCombined() ? " \"-\" \"-\"\n" : "\n"));
    }

    /** Puts a line together, in {@code front}, and writes it; a status of 0 is none. */
    void write(LogLine front, int status, long bytes, LogLine back) {
        put(front, status);
        put(front.put(' '), bytes);
        front.put(back);
        try {
            log.sink().line(front.toBuffer());
        } catch (RuntimeException e) {
            failed.warn(e);
        }
    }

    private static void put(LogLine line, long number) {
        if (number == 0) {
            line.put('-');
        } else {
            line.put(number);
        }
    }

    /** A client's address without its port; {@code -} if it has none, or is gone. */
    static String address(SocketAddress remote) {
        InetAddress address = remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
        if (address == null) {
            return "-";
        }
        String text = IpText.text(address);
        int zone = text.indexOf('%'); // the name of an interface here
        return zone < 0 ? text : text.substring(0, zone);
    }
}
