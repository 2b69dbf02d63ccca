// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads HTTP messages in the plainest way, by other means than what is tested; what isn't well formed is an AssertionError. */
final class NaiveHttp {
    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern SIZE = Pattern.compile("[0-9a-f]{1,8}");

    /** How long what comes behind a head is. */
    enum Body {
        AS_IT_SAYS,
        NONE,
        WITHOUT_END
    }

    /** Who is told. */
    interface Told {
        Body head(String start, List<String> fields);

        void body(byte[] bytes);

        void end();
    }

    private enum At {
        HEAD,
        COUNTED,
        SIZE,
        CHUNK,
        BEHIND_CHUNK,
        TRAILER,
        WITHOUT_END
    }

    private final boolean requests;
    private final Told told;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final List<String> lines = new ArrayList<>();
    private At at = At.HEAD;
    private long left;

    NaiveHttp(boolean requests, Told told) {
        this.requests = requests;
        this.told = told;
    }

    /** Whether it is in the middle of a message. */
    boolean isInMessage() {
        return at != At.HEAD || line.size() > 0 || !lines.isEmpty();
    }

    boolean isWithoutEnd() {
        return at == At.WITHOUT_END;
    }

    void read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            switch (at) {
                case COUNTED, CHUNK, WITHOUT_END -> take(bytes);
                default -> readByte(bytes.get());
            }
        }
    }

    private void take(ByteBuffer bytes) {
        int count = (int) (at == At.WITHOUT_END ? bytes.remaining() : Math.min(left, bytes.remaining()));
        byte[] piece = new byte[count];
        bytes.get(piece);
        left -= count;
        told.body(piece);
        if (left == 0 && at == At.COUNTED) {
            at = At.HEAD;
            told.end();
        } else if (left == 0 && at == At.CHUNK) {
            at = At.BEHIND_CHUNK;
        }
    }

    private void readByte(byte b) {
        line.write(b);
        if (b != '\n') {
            return;
        }
        String text = line.toString(ISO_8859_1);
        line.reset();
        check(text.endsWith("\r\n"), "a line ends with LF alone", text);
        text = text.substring(0, text.length() - 2);
        switch (at) {
            case HEAD -> headLine(text);
            case SIZE -> size(text);
            case BEHIND_CHUNK -> {
                check(text.isEmpty(), "a chunk is longer than it says", text);
                at = At.SIZE;
            }
            default -> {
                check(text.isEmpty(), "there is a trailer", text);
                at = At.HEAD;
                told.end();
            }
        }
    }

    private void size(String text) {
        check(SIZE.matcher(text).matches(), "no size of a chunk", text);
        left = Long.parseLong(text, 16);
        at = left == 0 ? At.TRAILER : At.CHUNK;
    }

    private void headLine(String text) {
        if (!text.isEmpty()) {
            check(lines.isEmpty() || FIELD.matcher(text).matches(), "no field", text);
            lines.add(text);
            return;
        }
        check(!lines.isEmpty(), "an empty line in front of a message", text);
        List<String> fields = List.copyOf(lines.subList(1, lines.size()));
        String start = lines.get(0);
        lines.clear();
        begin(told.head(start, fields), fields);
    }

    private void begin(Body body, List<String> fields) {
        if (body == Body.WITHOUT_END) {
            at = At.WITHOUT_END;
            left = Long.MAX_VALUE;
            return;
        }
        String length = field(fields, "content-length");
        String coding = field(fields, "transfer-encoding");
        check(length == null || coding == null, "two lengths", String.valueOf(fields));
        if (body == Body.NONE) {
            told.end();
        } else if (coding != null) {
            check(coding.equals("chunked"), "a strange coding", coding);
            at = At.SIZE;
        } else if (length == null && !requests) {
            at = At.WITHOUT_END;
            left = Long.MAX_VALUE;
        } else {
            left = length == null ? 0 : Long.parseLong(length);
            at = left == 0 ? At.HEAD : At.COUNTED;
            if (left == 0) {
                told.end();
            }
        }
    }

    /** The value of the one field of that name, null if there is none. */
    static String field(List<String> fields, String name) {
        String value = null;
        for (String field : fields) {
            int colon = field.indexOf(':');
            if (field.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
                check(value == null, "two fields of one name", name);
                value = field.substring(colon + 1).strip();
            }
        }
        return value;
    }

    private static void check(boolean holds, String what, String where) {
        if (!holds) {
            throw new AssertionError(what + ": " + where);
        }
    }
}
