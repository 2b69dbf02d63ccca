// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which fields of a message go on to whom it is meant for. Those about one connection do not, nor what {@code Connection}
 * says is one of them (RFC 9110, 7.6.1); what says where the message ends is written anew in any case, and no {@code
 * Connection} takes that away. Kept and used again.
 */
final class EndToEnd {
    private static final String[] KNOWN = {"close", "keep-alive", "upgrade", "te", "transfer-encoding", "http2-settings"
    };

    private final List<String> named =
            new ArrayList<>(); // by Connection, of small letters, beyond those that are known
    private HttpFields fields;

    /** Begins with the fields of a head. */
    void begin(HttpFields its) {
        fields = its;
        named.clear();
        for (int field = its.find("Connection", 0); field >= 0; field = its.find("Connection", field + 1)) {
            note(field);
        }
    }

    private void note(int field) {
        for (String known : KNOWN) {
            if (fields.valueIs(field, known)) {
                return; // as nearly always
            }
        }
        for (String token : fields.value(field).toLowerCase(Locale.ROOT).split(",")) {
            named.add(token.strip());
        }
    }

    /** Whether a field goes on. */
    boolean goesOn(int field) {
        int length = fields.nameLength(field);
        boolean isOurs =
                switch (length) {
                    case 2 -> is(field, "te");
                    case 6 -> is(field, "expect");
                    case 7 -> is(field, "upgrade") || is(field, "trailer");
                    case 10 -> is(field, "connection") || is(field, "keep-alive");
                    case 14 -> is(field, "content-length") || is(field, "http2-settings");
                    case 16 -> is(field, "proxy-connection");
                    case 17 -> is(field, "transfer-encoding");
                    default -> false;
                };
        return !isOurs && (named.isEmpty() || !isNamed(field, length));
    }

    private boolean is(int field, String name) {
        return fields.nameLooksLike(field, name);
    }

    private boolean isNamed(int field, int length) {
        for (String name : named) {
            if (name.length() == length && fields.nameIs(field, name)) {
                return true;
            }
        }
        return false;
    }
}
