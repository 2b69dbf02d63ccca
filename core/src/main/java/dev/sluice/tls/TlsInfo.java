// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;

/**
 * What was agreed on in a connection's handshake. It never changes, and is made when it is asked for.
 *
 * @param version {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite by the JDK's name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param protocol what ALPN has led to; null if nothing
 * @param serverName the host that the client has asked for, in small letters; null if it named none
 * @param peerChain the peer's certificate and the issuers that it has sent, which were verified unless the client was {@linkplain
 *     ClientTls.Builder#insecure insecure}; empty if the peer showed none
 */
public record TlsInfo(
        String version, String cipherSuite, String protocol, String serverName, List<X509Certificate> peerChain) {

    /** Copies the chain. */
    public TlsInfo {
        peerChain = List.copyOf(peerChain);
    }

    /**
     * What an engine has agreed on.
     *
     * @throws IllegalStateException if its handshake isn't over
     */
    public static TlsInfo of(SSLEngine engine) {
        SSLSession session = engine.getSession();
        String protocol = engine.getApplicationProtocol();
        if (!session.getProtocol().startsWith("TLS") || protocol == null) {
            throw new IllegalStateException("the handshake isn't over");
        }
        return new TlsInfo(
                session.getProtocol(),
                session.getCipherSuite(),
                protocol.isEmpty() ? null : protocol,
                serverName(session),
                peerChain(session));
    }

    private static String serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name.getType() == StandardConstants.SNI_HOST_NAME) {
                    return new String(name.getEncoded(), StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    private static List<X509Certificate> peerChain(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /** The peer's certificate, null if it showed none. */
    public X509Certificate peer() {
        return peerChain.isEmpty() ? null : peerChain.get(0);
    }

    /** All of it in one line that is safe to be logged; of the chain, the first subject. */
    @Override
    public String toString() {
        return version + ", " + cipherSuite + ", protocol " + (protocol == null ? "none" : Flaw.printable(protocol))
                + ", name " + serverName + ", peer " + (peer() == null ? "none" : Certificates.subject(peer()));
    }
}
