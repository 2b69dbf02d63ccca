// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lists of TLVs: those of a header, and those inside {@link ProxyTlv#SSL}, whose types are others. */
final class ProxyTlvs {
    static final int MAX_UNIQUE_ID_BYTES = 128;
    static final int CHECKSUM_BYTES = 4;

    private ProxyTlvs() {}

    /**
     * Reads TLVs that must fill the range exactly.
     *
     * @param start index of the frame's first byte, for the offsets of refusals
     * @param inSsl whether these are inside {@link ProxyTlv#SSL}
     */
    static List<ProxyTlv> read(ByteBuffer in, int start, int from, int to, boolean inSsl) throws FrameException {
        List<ProxyTlv> tlvs = new ArrayList<>();
        long seen = 0;
        int at = from;
        while (at < to) {
            if (to - at < ProxyTlv.HEADER_BYTES) {
                throw FrameException.malformed(at - start, "a TLV is cut short");
            }
            int type = in.get(at) & 0xFF;
            int value = at + ProxyTlv.HEADER_BYTES;
            int end = value + (in.getShort(at + 1) & 0xFFFF);
            if (end > to) {
                throw FrameException.malformed(at + 1 - start, "a TLV is longer than what holds it");
            }
            if (isOnce(type, inSsl)) {
                if ((seen & 1L << type) != 0) {
                    throw FrameException.malformed(at - start, "a TLV that may stand once is repeated");
                }
                seen |= 1L << type;
            }
            ProxyTlv tlv = new ProxyTlv(type, in.duplicate().limit(end).position(value));
            if (type == ProxyTlv.SSL && !inSsl) {
                ProxySsl.check(in, start, value, end);
            }
            String fault = fault(tlv, inSsl);
            if (fault != null) {
                throw FrameException.malformed(value - start, fault);
            }
            tlvs.add(tlv);
            at = end;
        }
        return tlvs;
    }

    /** Whether one of them has to be the only one of its type; all such types are below 64. */
    static boolean isOnce(int type, boolean inSsl) {
        if (inSsl) {
            return type >= ProxyTlv.SSL_VERSION && type <= ProxyTlv.SSL_KEY_ALG;
        }
        return switch (type) {
            case ProxyTlv.ALPN, ProxyTlv.AUTHORITY, ProxyTlv.CRC32C, ProxyTlv.UNIQUE_ID, ProxyTlv.SSL, ProxyTlv.NETNS ->
                true;
            default -> false;
        };
    }

    /** Returns what is wrong with a value, or null if nothing is. */
    static String fault(ProxyTlv tlv, boolean inSsl) {
        int bytes = tlv.value().remaining();
        if (inSsl) {
            return switch (tlv.type()) {
                case ProxyTlv.SSL_CN -> unless(isText(tlv, StandardCharsets.UTF_8), "SSL_CN is no UTF-8");
                case ProxyTlv.SSL_VERSION, ProxyTlv.SSL_CIPHER, ProxyTlv.SSL_SIG_ALG, ProxyTlv.SSL_KEY_ALG ->
                    unless(isText(tlv, StandardCharsets.US_ASCII), "a TLV inside SSL is no ASCII");
                default -> null;
            };
        }
        return switch (tlv.type()) {
            case ProxyTlv.AUTHORITY -> unless(isText(tlv, StandardCharsets.UTF_8), "AUTHORITY is no UTF-8");
            case ProxyTlv.NETNS -> unless(isText(tlv, StandardCharsets.US_ASCII), "NETNS is no ASCII");
            case ProxyTlv.CRC32C -> unless(bytes == CHECKSUM_BYTES, "CRC32C has other than 4 bytes");
            case ProxyTlv.UNIQUE_ID -> unless(bytes <= MAX_UNIQUE_ID_BYTES, "UNIQUE_ID has more than 128 bytes");
            default -> null;
        };
    }

    private static String unless(boolean holds, String fault) {
        return holds ? null : fault;
    }

    private static boolean isText(ProxyTlv tlv, Charset charset) {
        try {
            charset.newDecoder().decode(tlv.value());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The value of the first of that type, or null if there is none. */
    static ByteBuffer find(List<ProxyTlv> tlvs, int type) {
        for (ProxyTlv tlv : tlvs) {
            if (tlv.type() == type) {
                return tlv.value();
            }
        }
        return null;
    }

    static String text(List<ProxyTlv> tlvs, int type, Charset charset) {
        ByteBuffer value = find(tlvs, type);
        return value == null ? null : charset.decode(value).toString();
    }

    static int bytes(List<ProxyTlv> tlvs) {
        int bytes = 0;
        for (ProxyTlv tlv : tlvs) {
            bytes += tlv.bytes();
        }
        return bytes;
    }
}
