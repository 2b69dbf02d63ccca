// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names of hosts in certificates: those of {@code subjectAltName}, exact ones and such whose first label, whole, is a star.
 * The subject's common name is none of them: RFC 9525, section 2.
 */
final class HostNames {
    private static final int DNS_NAME = 2; // GeneralName's number: RFC 5280, section 4.2.1.6
    private static final int LONGEST = 253;
    private static final int LONGEST_LABEL = 63;
    private static final String STAR = "*.";

    private HostNames() {}

    /** In small letters, in the certificate's order; those that no client could ask for are left out. */
    static Set<String> of(X509Certificate certificate) throws Flaw {
        Collection<List<?>> all;
        try {
            all = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException | RuntimeException e) {
            throw Flaw.of("the certificate's names can't be read", e);
        }
        Set<String> names = new LinkedHashSet<>();
        if (all != null) {
            for (List<?> name : all) {
                if (name.get(0).equals(DNS_NAME) && isName((String) name.get(1))) {
                    names.add(((String) name.get(1)).toLowerCase(Locale.ROOT));
                }
            }
        }
        return names;
    }

    /** The wildcard that would match this name, or null if there can't be one: {@code *.example.org} of {@code a.example.org}. */
    static String wildcardOf(String host) {
        int dot = host.indexOf('.');
        return dot < 0 ? null : '*' + host.substring(dot);
    }

    static boolean isName(String name) {
        return isHost(name.startsWith(STAR) ? name.substring(STAR.length()) : name);
    }

    /** Letters, digits, hyphens and underscores, with dots between; no address, no dot at the end. */
    static boolean isHost(String host) {
        if (host.isEmpty() || host.length() > LONGEST) {
            return false;
        }
        String last = "";
        for (String label : host.split("\\.", -1)) {
            if (label.isEmpty()
                    || label.length() > LONGEST_LABEL
                    || !label.chars().allMatch(HostNames::isPart)) {
                return false;
            }
            last = label;
        }
        return !last.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isPart(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
