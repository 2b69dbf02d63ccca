// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a proxy says of its client's TLS: the TLV {@code PP2_TYPE_SSL}, section 2.2.6. Immutable.
 *
 * @param client bits of {@link #CLIENT_SSL}, {@link #CLIENT_CERT_CONN} and {@link #CLIENT_CERT_SESS}, and perhaps others
 * @param verify 32 bits, 0 if the client's certificate was verified; ask {@link #isVerified}
 * @param tlvs what else is said, in its order
 */
public record ProxySsl(int client, int verify, List<ProxyTlv> tlvs) {
    /** The client came over TLS. */
    public static final int CLIENT_SSL = 0x01;

    /** It presented a certificate on this connection. */
    public static final int CLIENT_CERT_CONN = 0x02;

    /** It presented a certificate at least once in the TLS session of this connection. */
    public static final int CLIENT_CERT_SESS = 0x04;

    private static final int HEADER_BYTES = 5;
    private static final int MAX_VALUE_BYTES = 0xFFFF;

    /**
     * Copies the list.
     *
     * @param client 0 to 255
     * @throws IllegalArgumentException if {@code client} is out of range, a TLV that may stand once is repeated, a text is
     *     none, or all together have more than 65,535 bytes
     */
    public ProxySsl {
        if (client < 0 || client > 0xFF) {
            throw new IllegalArgumentException("client: " + client + " is not in 0 to 255");
        }
        tlvs = List.copyOf(tlvs);
        if (HEADER_BYTES + ProxyTlvs.bytes(tlvs) > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("tlvs: more than 65,535 bytes");
        }
        for (int i = 0; i < tlvs.size(); i++) {
            int type = tlvs.get(i).type();
            String fault = ProxyTlvs.fault(tlvs.get(i), true);
            if (ProxyTlvs.isOnce(type, true) && ProxyTlvs.find(tlvs.subList(0, i), type) != null) {
                fault = "a TLV that may stand once is repeated";
            }
            if (fault != null) {
                throw new IllegalArgumentException("tlvs: " + fault);
            }
        }
    }

    /** The same with a text more, such as {@link ProxyTlv#SSL_VERSION}. */
    public ProxySsl with(int type, String text) {
        List<ProxyTlv> more = new ArrayList<>(tlvs);
        more.add(new ProxyTlv(type, StandardCharsets.UTF_8.encode(text)));
        return new ProxySsl(client, verify, more);
    }

    /** Says whether the client came over TLS. */
    public boolean isTls() {
        return (client & CLIENT_SSL) != 0;
    }

    /** Says whether the client presented a certificate, on this connection or in its session. */
    public boolean hasCertificate() {
        return (client & (CLIENT_CERT_CONN | CLIENT_CERT_SESS)) != 0;
    }

    /** Says whether the client presented a certificate and the proxy has verified it. */
    public boolean isVerified() {
        return hasCertificate() && verify == 0;
    }

    /** The version, such as {@code TLSv1.3}; null if it isn't told. */
    public String version() {
        return ascii(ProxyTlv.SSL_VERSION);
    }

    /** The common name of the client's certificate; null if it isn't told. It is no proof unless {@link #isVerified}. */
    public String commonName() {
        return ProxyTlvs.text(tlvs, ProxyTlv.SSL_CN, StandardCharsets.UTF_8);
    }

    /** The cipher, such as {@code ECDHE-RSA-AES128-GCM-SHA256}; null if it isn't told. */
    public String cipher() {
        return ascii(ProxyTlv.SSL_CIPHER);
    }

    /** What the proxy's certificate was signed with, such as {@code RSA-SHA256}; null if it isn't told. */
    public String signatureAlgorithm() {
        return ascii(ProxyTlv.SSL_SIG_ALG);
    }

    /** What made the key of the proxy's certificate, such as {@code RSA2048}; null if it isn't told. */
    public String keyAlgorithm() {
        return ascii(ProxyTlv.SSL_KEY_ALG);
    }

    private String ascii(int type) {
        return ProxyTlvs.text(tlvs, type, StandardCharsets.US_ASCII);
    }

    static void check(ByteBuffer in, int start, int from, int to) throws FrameException {
        if (to - from < HEADER_BYTES) {
            throw FrameException.malformed(from - start, "SSL has fewer than 5 bytes");
        }
        ProxyTlvs.read(in, start, from + HEADER_BYTES, to, true);
    }

    /** Reads a value, already checked or not. */
    static ProxySsl of(ByteBuffer value) throws FrameException {
        check(value, value.position(), value.position(), value.limit());
        int at = value.position();
        List<ProxyTlv> tlvs = ProxyTlvs.read(value, at, at + HEADER_BYTES, value.limit(), true);
        return new ProxySsl(value.get(at) & 0xFF, value.getInt(at + 1), tlvs);
    }

    ProxyTlv toTlv() {
        ByteBuffer value = ByteBuffer.allocate(HEADER_BYTES + ProxyTlvs.bytes(tlvs));
        value.put((byte) client).putInt(verify);
        tlvs.forEach(tlv -> tlv.write(value));
        return new ProxyTlv(ProxyTlv.SSL, value.flip());
    }
}
