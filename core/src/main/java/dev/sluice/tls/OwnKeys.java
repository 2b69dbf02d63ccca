// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Gives the engines of one context its identities, of which there is at most one for each kind of key. An alias is a kind. A
 * client's identity is given whatever issuers the server names: if that doesn't trust it, it says so.
 */
final class OwnKeys extends X509ExtendedKeyManager {
    private final List<TlsIdentity> identities;

    OwnKeys(List<TlsIdentity> identities) {
        this.identities = identities;
    }

    private TlsIdentity of(String keyType) {
        for (TlsIdentity identity : identities) {
            if (identity.keyType().equals(keyType)) {
                return identity;
            }
        }
        return null;
    }

    private String alias(String... keyTypes) {
        for (String keyType : keyTypes) {
            if (of(keyType) != null) {
                return keyType;
            }
        }
        return null;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return alias(keyTypes);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return alias(keyType);
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return alias(keyTypes);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        String alias = alias(keyType);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return getServerAliases(keyType, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        TlsIdentity identity = of(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        TlsIdentity identity = of(alias);
        return identity == null ? null : identity.key();
    }
}
