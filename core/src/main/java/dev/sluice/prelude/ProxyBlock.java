// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ProxyHeader.Command;
import dev.sluice.prelude.ProxyHeader.Family;
import dev.sluice.prelude.ProxyHeader.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/** Version 2, section 2.2: 16 bytes that say how many more there are, addresses, and TLVs. */
final class ProxyBlock {
    static final int FIXED_BYTES = 16;

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int AT_COMMAND = SIGNATURE.length;
    private static final int AT_FAMILY = AT_COMMAND + 1;
    private static final int AT_LENGTH = AT_FAMILY + 1;
    private static final int VERSION = 2;
    private static final Command[] COMMANDS = Command.values();
    private static final Family[] FAMILIES = Family.values();
    private static final Transport[] TRANSPORTS = Transport.values();

    private final int maxHeaderBytes;
    private int scanned; // of the fixed bytes, those that need no second look

    ProxyBlock(int maxHeaderBytes) {
        this.maxHeaderBytes = maxHeaderBytes;
    }

    boolean isBegun() {
        return scanned > 0;
    }

    /** Returns null if the header isn't complete; else the position is behind it. */
    ProxyHeader read(ByteBuffer in) throws FrameException {
        int start = in.position();
        int available = in.remaining();
        while (scanned < FIXED_BYTES && scanned < available) {
            check(in, start, scanned);
            scanned++;
        }
        if (available < FIXED_BYTES) {
            return null;
        }
        int total = FIXED_BYTES + length(in, start);
        if (available < total) {
            return null;
        }
        ProxyHeader header = header(in, start, start + total);
        scanned = 0;
        in.position(start + total);
        return header;
    }

    /** Looks at one of the fixed bytes; those in front of it are right. */
    private void check(ByteBuffer in, int start, int offset) throws FrameException {
        int b = in.get(start + offset) & 0xFF;
        if (offset < AT_COMMAND) {
            require(b == SIGNATURE[offset], offset, "no signature of version 2 of the PROXY protocol");
        } else if (offset == AT_COMMAND) {
            require(b >> 4 == VERSION, offset, "a version other than 2");
            require((b & 0xF) < COMMANDS.length, offset, "a command other than LOCAL and PROXY");
        } else if (offset == AT_FAMILY) {
            boolean isKnown = b >> 4 < FAMILIES.length && (b & 0xF) < TRANSPORTS.length;
            require(isKnown || isLocal(in, start), offset, "an unknown family or transport");
        } else if (offset == FIXED_BYTES - 1) {
            int length = length(in, start);
            if (FIXED_BYTES + length > maxHeaderBytes) {
                throw FrameException.tooLong(FIXED_BYTES + length, maxHeaderBytes, "a PROXY header too long");
            }
            require(
                    isLocal(in, start) || length >= addressBytes(family(in, start)),
                    AT_LENGTH,
                    "a length below that of the addresses");
        }
    }

    private static void require(boolean holds, int offset, String what) throws FrameException {
        if (!holds) {
            throw FrameException.malformed(offset, what);
        }
    }

    private static boolean isLocal(ByteBuffer in, int start) {
        return COMMANDS[in.get(start + AT_COMMAND) & 0xF] == Command.LOCAL;
    }

    /** The family if there are addresses of it; UNSPEC if the transport is. */
    private static Family family(ByteBuffer in, int start) {
        return transport(in, start) == Transport.UNSPEC ? Family.UNSPEC : FAMILIES[in.get(start + AT_FAMILY) >> 4];
    }

    private static Transport transport(ByteBuffer in, int start) {
        return TRANSPORTS[in.get(start + AT_FAMILY) & 0xF];
    }

    private static int length(ByteBuffer in, int start) {
        return in.getShort(start + AT_LENGTH) & 0xFFFF;
    }

    private static int addressBytes(Family family) {
        return switch (family) {
            case UNSPEC -> 0;
            case INET -> 2 * 4 + 2 * 2;
            case INET6 -> 2 * 16 + 2 * 2;
            case UNIX -> 2 * ProxyHeader.MAX_PATH_BYTES;
        };
    }

    private static ProxyHeader header(ByteBuffer in, int start, int end) throws FrameException {
        if (isLocal(in, start)) {
            return ProxyHeader.local();
        }
        Family family = family(in, start);
        if (family == Family.UNSPEC) {
            return ProxyHeader.unknown(ProxyVersion.V2);
        }
        int from = start + FIXED_BYTES;
        List<ProxyTlv> tlvs = ProxyTlvs.read(in, start, from + addressBytes(family), end, false);
        boolean hasChecksum = checksum(in, start, end, tlvs);
        tlvs.removeIf(tlv -> tlv.type() == ProxyTlv.CRC32C || tlv.type() == ProxyTlv.NOOP);
        SocketAddress source = family == Family.UNIX ? unix(in, from) : inet(in, from, family, 0);
        SocketAddress destination =
                family == Family.UNIX ? unix(in, from + ProxyHeader.MAX_PATH_BYTES) : inet(in, from, family, 1);
        return ProxyHeader.read(ProxyVersion.V2, family, transport(in, start), source, destination, tlvs, hasChecksum);
    }

    private static InetSocketAddress inet(ByteBuffer in, int from, Family family, int which) {
        byte[] address = new byte[family == Family.INET ? 4 : 16];
        in.get(from + which * address.length, address);
        int port = in.getShort(from + 2 * address.length + 2 * which) & 0xFFFF;
        return ProxyHeader.inet(address, port);
    }

    /** The path up to its zero byte; null if it is none that can be had here. */
    private static UnixDomainSocketAddress unix(ByteBuffer in, int from) {
        int end = from;
        while (end < from + ProxyHeader.MAX_PATH_BYTES && in.get(end) != 0) {
            end++;
        }
        if (end == from && !isZero(in, from, from + ProxyHeader.MAX_PATH_BYTES)) {
            return null; // an abstract name: it begins with a zero byte
        }
        try {
            ByteBuffer bytes = in.duplicate().limit(end).position(from);
            String path = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return UnixDomainSocketAddress.of(Path.of(path));
        } catch (CharacterCodingException | InvalidPathException e) {
            return null;
        }
    }

    private static boolean isZero(ByteBuffer in, int from, int to) {
        for (int at = from; at < to; at++) {
            if (in.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    // ---- the checksum: section 2.2.3

    private static boolean checksum(ByteBuffer in, int start, int end, List<ProxyTlv> tlvs) throws FrameException {
        int at = end - ProxyTlvs.bytes(tlvs);
        for (ProxyTlv tlv : tlvs) {
            if (tlv.type() == ProxyTlv.CRC32C) {
                int value = at + ProxyTlv.HEADER_BYTES;
                require(in.getInt(value) == checksum(in, start, value, end), value - start, "a wrong checksum");
                return true;
            }
            at += tlv.bytes();
        }
        return false;
    }

    /** Of everything, with zeros for the checksum at {@code at}. */
    private static int checksum(ByteBuffer in, int start, int at, int end) {
        CRC32C crc = new CRC32C();
        crc.update(in.slice(start, at - start));
        crc.update(new byte[ProxyTlvs.CHECKSUM_BYTES]);
        int behind = at + ProxyTlvs.CHECKSUM_BYTES;
        crc.update(in.slice(behind, end - behind));
        return (int) crc.getValue();
    }

    // ---- writing

    /** How many bytes stand behind the fixed ones. */
    static int blockBytes(ProxyHeader header) {
        int checksum = header.hasChecksum() ? ProxyTlv.HEADER_BYTES + ProxyTlvs.CHECKSUM_BYTES : 0;
        return addressBytes(header.family()) + checksum + ProxyTlvs.bytes(header.tlvs());
    }

    static ByteBuffer encode(ProxyHeader header) {
        int length = blockBytes(header);
        ByteBuffer to = ByteBuffer.allocate(FIXED_BYTES + length);
        to.put(SIGNATURE)
                .put((byte) (VERSION << 4 | header.command().ordinal()))
                .put((byte) (header.family().ordinal() << 4 | header.transport().ordinal()))
                .putShort((short) length);
        addresses(header, to);
        int checksumAt = to.position() + ProxyTlv.HEADER_BYTES;
        if (header.hasChecksum()) {
            new ProxyTlv(ProxyTlv.CRC32C, ByteBuffer.allocate(ProxyTlvs.CHECKSUM_BYTES)).write(to);
        }
        header.tlvs().forEach(tlv -> tlv.write(to));
        if (header.hasChecksum()) {
            to.putInt(checksumAt, checksum(to, 0, checksumAt, to.position()));
        }
        return to.flip();
    }

    private static void addresses(ProxyHeader header, ByteBuffer to) {
        switch (header.family()) {
            case UNSPEC -> {}
            case INET, INET6 ->
                to.put(ProxyHeader.inetBytes(header.source(), header.family()))
                        .put(ProxyHeader.inetBytes(header.destination(), header.family()))
                        .putShort((short) ((InetSocketAddress) header.source()).getPort())
                        .putShort((short) ((InetSocketAddress) header.destination()).getPort());
            case UNIX -> {
                path(header.source(), to);
                path(header.destination(), to);
            }
        }
    }

    /** A name that is no path here is written as none. */
    private static void path(SocketAddress address, ByteBuffer to) {
        byte[] path = address == null ? new byte[0] : ProxyHeader.path((UnixDomainSocketAddress) address);
        to.put(path).put(new byte[ProxyHeader.MAX_PATH_BYTES - path.length]);
    }
}
