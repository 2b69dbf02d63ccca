// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import dev.sluice.prelude.IpText;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.StandardConstants;

/**
 * Takes the one name that an engine was made for, and refuses others: a second ClientHello, after HelloRetryRequest or in a
 * renegotiation, may not ask for another host. The JDK binds sessions to names only where there is such a matcher.
 */
final class OnlyName extends SNIMatcher {
    private final String host; // null: no name at all, or an address, which is none

    OnlyName(String host) {
        super(StandardConstants.SNI_HOST_NAME);
        this.host = host;
    }

    @Override
    public boolean matches(SNIServerName name) {
        String asked = new String(name.getEncoded(), StandardCharsets.ISO_8859_1);
        return host == null
                ? IpText.parse(asked) != null
                : asked.toLowerCase(Locale.ROOT).equals(host);
    }

    @Override
    public String toString() {
        return host == null ? "no name" : "only " + host;
    }
}
