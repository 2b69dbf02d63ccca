// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * IP addresses as text. The JDK's reading takes more than people mean ({@code 127.1}, {@code 0300.0.0.1}) and asks the
 * resolver for the rest; this one takes addresses, and asks nobody. What the JDK writes of IPv6 isn't what people write.
 */
public final class IpText {
    /** Most characters of an IPv4 address. */
    static final int LONGEST_IPV4 = 15;

    /** Most characters of an IPv6 address, one whose last 32 bits are written as an IPv4 address. */
    static final int LONGEST_IPV6 = 45;

    private static final int GROUPS = 8;

    private IpText() {}

    /**
     * An address as people write it: for IPv6 as RFC 5952 wants it, {@code 2001:db8::1}, and its zone behind a percent
     * sign.
     */
    public static String text(InetAddress address) {
        String whole = address.getHostAddress();
        int zone = whole.indexOf('%');
        return text(address.getAddress()) + (zone < 0 ? "" : whole.substring(zone));
    }

    /**
     * Reads an address as {@link #text} writes it, and the other forms of RFC 4291, section 2.2; without a zone. One of IPv6
     * that stands for one of IPv4 is the one of IPv4.
     *
     * @return the address, or null if that is none; nobody is asked for a name
     */
    public static InetAddress parse(String text) {
        byte[] address = text.length() > LONGEST_IPV6 ? null : bytes(text);
        try {
            return address == null ? null : InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // its length is right
        }
    }

    private static byte[] bytes(String text) {
        ByteBuffer in = StandardCharsets.UTF_8.encode(text);
        byte[] ipv4 = ipv4(in, 0, in.limit());
        return ipv4 != null ? ipv4 : ipv6(in, 0, in.limit());
    }

    /** Reads four decimal numbers without zeros in front. Returns null if that is not what is there. */
    static byte[] ipv4(ByteBuffer in, int from, int to) {
        byte[] address = new byte[4];
        return ipv4(in, from, to, address, 0) ? address : null;
    }

    private static boolean ipv4(ByteBuffer in, int from, int to, byte[] address, int first) {
        int octets = 0;
        int octet = -1; // no digit of it yet
        for (int at = from; at < to; at++) {
            int digit = in.get(at) - '0';
            if (in.get(at) == '.' && octet >= 0 && octets < 3) {
                address[first + octets++] = (byte) octet;
                octet = -1;
            } else if (digit >= 0 && digit <= 9 && octet != 0) {
                octet = octet < 0 ? digit : 10 * octet + digit;
                if (octet > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        if (octets < 3 || octet < 0) {
            return false;
        }
        address[first + 3] = (byte) octet;
        return true;
    }

    /** Reads the forms of RFC 4291, section 2.2, without a zone. Returns null if that is not what is there. */
    static byte[] ipv6(ByteBuffer in, int from, int to) {
        byte[] address = new byte[2 * GROUPS];
        int groups = 0;
        int gap = -1; // groups in front of ::
        int at = from;
        if (to - from >= 2 && in.get(from) == ':' && in.get(from + 1) == ':') {
            gap = 0;
            at += 2;
        }
        while (at < to) {
            int end = behindDigits(in, at, to);
            if (end < to && in.get(end) == '.') {
                if (groups > GROUPS - 2 || !ipv4(in, at, to, address, 2 * groups)) {
                    return null;
                }
                groups += 2;
                break;
            }
            if (end == at || end - at > 4 || groups == GROUPS) {
                return null;
            }
            putGroup(in, at, end, address, groups++);
            at = end;
            if (at < to) {
                // A colon, and behind it another group or a second colon.
                if (in.get(at) != ':' || ++at == to) {
                    return null;
                }
                if (in.get(at) == ':') {
                    if (gap >= 0) {
                        return null;
                    }
                    gap = groups;
                    at++;
                }
            }
        }
        return spread(address, groups, gap);
    }

    private static int behindDigits(ByteBuffer in, int from, int to) {
        int at = from;
        while (at < to && at - from <= 4 && Character.digit(in.get(at), 16) >= 0) {
            at++;
        }
        return at;
    }

    private static void putGroup(ByteBuffer in, int from, int to, byte[] address, int group) {
        int value = 0;
        for (int at = from; at < to; at++) {
            value = value << 4 | Character.digit(in.get(at), 16);
        }
        address[2 * group] = (byte) (value >>> 8);
        address[2 * group + 1] = (byte) value;
    }

    /** Moves what is behind the gap to the end. The gap stands for one group or more. */
    private static byte[] spread(byte[] address, int groups, int gap) {
        if (gap < 0) {
            return groups == GROUPS ? address : null;
        }
        if (groups == GROUPS) {
            return null;
        }
        int behind = 2 * (groups - gap);
        System.arraycopy(address, 2 * gap, address, address.length - behind, behind);
        Arrays.fill(address, 2 * gap, address.length - behind, (byte) 0);
        return address;
    }

    /** Writes an address of 4 or 16 bytes; IPv6 in the form of RFC 5952. */
    static String text(byte[] address) {
        if (address.length == 4) {
            return dotted(address, 0);
        }
        return isMapped(address) ? "::ffff:" + dotted(address, 12) : groups(address);
    }

    /** Says whether an IPv6 address stands for an IPv4 address: RFC 4291, section 2.5.5.2. */
    private static boolean isMapped(byte[] address) {
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[10] == -1 && address[11] == -1;
    }

    private static String dotted(byte[] address, int first) {
        return (address[first] & 0xFF) + "." + (address[first + 1] & 0xFF) + "." + (address[first + 2] & 0xFF) + "."
                + (address[first + 3] & 0xFF);
    }

    private static String groups(byte[] address) {
        int gap = -1;
        int gapEnd = -1; // the longest run of two zero groups or more, the first of several
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && group(address, end) == 0) {
                end++;
            }
            if (end - i >= 2 && end - i > gapEnd - gap) {
                gap = i;
                gapEnd = end;
            }
            i = Math.max(i, end);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            if (i == gap) {
                text.append("::");
                i = gapEnd - 1;
            } else {
                text.append(i == 0 || i == gapEnd ? "" : ":").append(Integer.toHexString(group(address, i)));
            }
        }
        return text.toString();
    }

    private static int group(byte[] address, int index) {
        return (address[2 * index] & 0xFF) << 8 | address[2 * index + 1] & 0xFF;
    }
}
