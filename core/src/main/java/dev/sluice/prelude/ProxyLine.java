// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ProxyHeader.Family;
import dev.sluice.prelude.ProxyHeader.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Version 1, section 2.1: a line that is read byte by byte, so that the first one that can't belong to it refuses it, and
 * nothing depends on how the line was split. An address is decoded when the space behind it is there: it is complete then.
 *
 * <pre>
 * WORD ──► FAMILY ──► SOURCE ──► DESTINATION ──► SOURCE_PORT ──► DESTINATION_PORT ──► LINE_FEED
 *             └──────► ANYTHING (behind UNKNOWN) ────────────────────────────────────────┘
 * </pre>
 */
final class ProxyLine {
    /** Most bytes of the line, its CR LF included. */
    static final int MAX_BYTES = 107;

    private static final String WORD = "PROXY ";
    private static final String TCP = "TCP";
    private static final String UNKNOWN = "UNKNOWN";

    private enum Part {
        WORD,
        FAMILY,
        SOURCE,
        DESTINATION,
        SOURCE_PORT,
        DESTINATION_PORT,
        ANYTHING,
        LINE_FEED
    }

    private Part part = Part.WORD;
    private int scanned; // bytes that need no second look
    private int begin; // offset of the part
    private Family family = Family.UNSPEC;
    private byte[] source;
    private byte[] destination;
    private int port; // of the one that is being read, -1 without a digit
    private int sourcePort;

    boolean isBegun() {
        return scanned > 0;
    }

    /** Reads on, to {@code end} at most. Returns null if the line isn't complete; else the position is behind it. */
    ProxyHeader read(ByteBuffer in, int end) throws FrameException {
        int start = in.position();
        for (int at = start + scanned; at < end; at++) {
            if (isLast(in, start, at)) {
                in.position(at + 1);
                return header();
            }
        }
        if (end - start == MAX_BYTES) {
            throw FrameException.tooLong(MAX_BYTES + 1L, MAX_BYTES, "a PROXY line without its end");
        }
        scanned = end - start;
        return null;
    }

    private ProxyHeader header() {
        ProxyHeader header = family == Family.UNSPEC
                ? ProxyHeader.unknown(ProxyVersion.V1)
                : ProxyHeader.read(
                        ProxyVersion.V1,
                        family,
                        Transport.STREAM,
                        ProxyHeader.inet(source, sourcePort),
                        ProxyHeader.inet(destination, port),
                        List.of(),
                        false);
        part = Part.WORD;
        scanned = 0;
        begin = 0;
        family = Family.UNSPEC;
        source = null;
        destination = null;
        return header;
    }

    private boolean isLast(ByteBuffer in, int start, int at) throws FrameException {
        byte b = in.get(at);
        int offset = at - start;
        switch (part) {
            case WORD -> word(b, offset);
            case FAMILY -> family(b, offset);
            case SOURCE -> {
                if (isAddressEnd(b, offset)) {
                    source = address(in, start, at);
                    next(Part.DESTINATION, offset);
                }
            }
            case DESTINATION -> {
                if (isAddressEnd(b, offset)) {
                    destination = address(in, start, at);
                    next(Part.SOURCE_PORT, offset);
                    port = -1;
                }
            }
            case SOURCE_PORT -> {
                if (isPortEnd(b, offset, ' ')) {
                    sourcePort = port;
                    next(Part.DESTINATION_PORT, offset);
                    port = -1;
                }
            }
            case DESTINATION_PORT -> {
                if (isPortEnd(b, offset, '\r')) {
                    next(Part.LINE_FEED, offset);
                }
            }
            case ANYTHING -> {
                require(b != '\n', offset, "LF without CR before it");
                if (b == '\r') {
                    next(Part.LINE_FEED, offset);
                }
            }
            case LINE_FEED -> {
                require(b == '\n', offset, "CR without LF behind it");
                return true;
            }
        }
        return false;
    }

    private void next(Part next, int offset) {
        part = next;
        begin = offset + 1;
    }

    private void word(byte b, int offset) throws FrameException {
        require(b == WORD.charAt(offset), offset, "no PROXY line begins so");
        if (offset + 1 == WORD.length()) {
            next(Part.FAMILY, offset);
        }
    }

    private void family(byte b, int offset) throws FrameException {
        int index = offset - begin;
        if (family == Family.UNSPEC) {
            if (index > 0 || b == 'U') {
                unknown(b, offset, index);
                return;
            }
            family = Family.INET; // or INET6, as the digit says
        }
        switch (index) {
            case 3 -> {
                require(b == '4' || b == '6', offset, "a family other than TCP4, TCP6 and UNKNOWN");
                family = b == '4' ? Family.INET : Family.INET6;
            }
            case 4 -> {
                require(b == ' ', offset, "a family other than TCP4, TCP6 and UNKNOWN");
                next(Part.SOURCE, offset);
            }
            default -> require(b == TCP.charAt(index), offset, "a family other than TCP4, TCP6 and UNKNOWN");
        }
    }

    private void unknown(byte b, int offset, int index) throws FrameException {
        if (index < UNKNOWN.length()) {
            require(b == UNKNOWN.charAt(index), offset, "a family other than TCP4, TCP6 and UNKNOWN");
        } else {
            require(b == ' ' || b == '\r', offset, "a family other than TCP4, TCP6 and UNKNOWN");
            next(b == ' ' ? Part.ANYTHING : Part.LINE_FEED, offset);
        }
    }

    private boolean isAddressEnd(byte b, int offset) throws FrameException {
        if (b == ' ') {
            return true;
        }
        boolean is4 = family == Family.INET;
        boolean may = b == '.' || Character.digit(b, is4 ? 10 : 16) >= 0 || b == ':' && !is4;
        int longest = is4 ? IpText.LONGEST_IPV4 : IpText.LONGEST_IPV6;
        require(may && offset - begin < longest, offset, noAddress());
        return false;
    }

    private byte[] address(ByteBuffer in, int start, int end) throws FrameException {
        byte[] address =
                family == Family.INET ? IpText.ipv4(in, start + begin, end) : IpText.ipv6(in, start + begin, end);
        require(address != null, begin, noAddress());
        return address;
    }

    private String noAddress() {
        return family == Family.INET ? "no IPv4 address" : "no IPv6 address";
    }

    private boolean isPortEnd(byte b, int offset, char end) throws FrameException {
        if (b == end && port >= 0) {
            return true;
        }
        int digit = b - '0';
        require(digit >= 0 && digit <= 9 && port != 0, offset, "no port of digits without zeros in front");
        port = port < 0 ? digit : 10 * port + digit;
        require(port <= 0xFFFF, offset, "a port above 65,535");
        return false;
    }

    private static void require(boolean holds, int offset, String what) throws FrameException {
        if (!holds) {
            throw FrameException.malformed(offset, what);
        }
    }

    static ByteBuffer encode(ProxyHeader header) {
        Family family = header.family();
        StringBuilder line = new StringBuilder(MAX_BYTES).append(WORD);
        if (family == Family.UNSPEC) {
            line.append(UNKNOWN);
        } else {
            line.append(family == Family.INET ? "TCP4 " : "TCP6 ")
                    .append(IpText.text(ProxyHeader.inetBytes(header.source(), family)))
                    .append(' ')
                    .append(IpText.text(ProxyHeader.inetBytes(header.destination(), family)))
                    .append(' ')
                    .append(((InetSocketAddress) header.source()).getPort())
                    .append(' ')
                    .append(((InetSocketAddress) header.destination()).getPort());
        }
        return StandardCharsets.US_ASCII.encode(line.append("\r\n").toString());
    }
}
