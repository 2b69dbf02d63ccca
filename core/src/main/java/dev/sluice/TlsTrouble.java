// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.loop.LogText;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.HashSet;
import java.util.Set;

/** Why a handshake with a server has failed, in words for whoever runs the client: the JDK's own are many, and about itself. */
final class TlsTrouble {
    private static final String ALERT = "Received fatal alert: ";

    private TlsTrouble() {}

    /** One line. */
    static String text(Throwable cause) {
        Set<Throwable> seen = new HashSet<>(); // a chain of causes may be a ring
        for (Throwable at = cause; at != null && seen.add(at); at = at.getCause()) {
            String text = known(at, String.valueOf(at.getMessage()));
            if (text != null) {
                return LogText.of(text);
            }
        }
        return LogText.of(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    }

    private static String known(Throwable at, String message) {
        if (at instanceof CertificateExpiredException) {
            return "its certificate, or an issuer's, has expired (" + message + ")";
        } else if (at instanceof CertificateNotYetValidException) {
            return "its certificate, or an issuer's, is not valid yet (" + message + ")";
        } else if (at instanceof CertPathBuilderException || isOfStranger(at)) {
            return "its certificate was issued by nobody who is trusted";
        } else if (at instanceof CertificateException && message.contains("No ") && message.contains("name")) {
            return "its certificate is for another name (" + message + ")";
        } else if (message.contains(ALERT)) { // in newer JDKs behind the same in brackets
            return "it has refused, by the alert " + message.substring(message.indexOf(ALERT) + ALERT.length());
        } else if (message.contains("nrecognized SSL message")) {
            return "it doesn't speak TLS";
        }
        return null;
    }

    // Not even if whoever has issued it has the name of somebody trusted.
    private static boolean isOfStranger(Throwable at) {
        return at instanceof CertPathValidatorException path
                && (path.getReason() == CertPathValidatorException.BasicReason.INVALID_SIGNATURE
                        || path.getReason() == PKIXReason.NO_TRUST_ANCHOR);
    }
}
