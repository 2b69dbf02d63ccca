// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The blocks of a PEM file in their order (RFC 7468). Text before, between and behind them is skipped, as programs write it
 * there.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF"; // as ISO 8859-1 has its bytes

    /**
     * One block.
     *
     * @param label what stands behind BEGIN
     * @param der what was inside
     * @param oldEncryption whether it has the headers of OpenSSL's own encryption (RFC 1421, section 4.6.1.1)
     */
    record Block(String label, byte[] der, boolean oldEncryption) {}

    private final List<Block> blocks = new ArrayList<>();

    private Pem() {}

    static Pem read(byte[] file) throws Flaw {
        Pem pem = new Pem();
        String text = new String(file, StandardCharsets.ISO_8859_1);
        List<String> lines = text.lines().map(String::stripTrailing).toList();
        for (int at = 0; at < lines.size(); at++) {
            String line = at == 0 && lines.get(0).startsWith(BYTE_ORDER_MARK)
                    ? lines.get(0).substring(BYTE_ORDER_MARK.length())
                    : lines.get(at);
            if (line.startsWith(BEGIN)) {
                at = pem.block(lines, at, labelOf(line, BEGIN, at));
            }
        }
        if (pem.blocks.isEmpty()) {
            throw new Flaw(
                    file.length > 0 && file[0] == Der.SEQUENCE
                            ? "not PEM, but what looks like DER or PKCS#12"
                            : file.length == 0
                                    ? "empty"
                                    : "not PEM: there is no line that starts with " + BEGIN.strip());
        }
        return pem;
    }

    private static String labelOf(String line, String start, int at) throws Flaw {
        if (!line.endsWith(DASHES) || line.length() < start.length() + DASHES.length()) {
            throw new Flaw("line " + (at + 1) + " of the PEM is damaged");
        }
        return line.substring(start.length(), line.length() - DASHES.length());
    }

    /** Returns the index of its last line. */
    private int block(List<String> lines, int begin, String label) throws Flaw {
        StringBuilder base64 = new StringBuilder();
        boolean oldEncryption = false;
        for (int at = begin + 1; at < lines.size(); at++) {
            String line = lines.get(at).strip();
            if (line.startsWith(END)) {
                if (!labelOf(line, END, at).equals(label)) {
                    throw new Flaw(
                            "line " + (at + 1) + " of the PEM ends another block than line " + (begin + 1) + " begins");
                }
                blocks.add(new Block(label, oldEncryption ? new byte[0] : decode(base64, begin), oldEncryption));
                return at;
            }
            if (line.startsWith(BEGIN)) {
                break;
            }
            oldEncryption |= line.startsWith("Proc-Type:") && line.contains("ENCRYPTED");
            base64.append(line);
        }
        throw new Flaw("the PEM block that begins in line " + (begin + 1) + " has no end");
    }

    private static byte[] decode(CharSequence base64, int begin) throws Flaw {
        try {
            return Base64.getDecoder().decode(base64.toString());
        } catch (IllegalArgumentException e) {
            throw new Flaw("the PEM block that begins in line " + (begin + 1) + " is no base64", e);
        }
    }

    List<Block> blocks() {
        return blocks;
    }

    /** What is in the file, for whoever looks for something else in it. */
    String contents() {
        return blocks.stream()
                .map(block -> Flaw.printable(block.label()))
                .distinct()
                .limit(5)
                .collect(Collectors.joining(", "));
    }
}
