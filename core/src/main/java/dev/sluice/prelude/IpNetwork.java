// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * The addresses that begin with the same bits (RFC 4632, RFC 4291 section 2.3). An IPv4 address that is written as one of
 * IPv6, {@code ::ffff:192.0.2.1}, is the IPv4 address. Immutable.
 */
public final class IpNetwork {
    private static final int IPV4_BYTES = 4;
    private static final int LONGEST = IpText.LONGEST_IPV6 + 4;

    private final byte[] first;
    private final int bits;

    private IpNetwork(byte[] first, int bits) {
        this.first = first;
        this.bits = bits;
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address. No name is ever looked up.
     *
     * @throws IllegalArgumentException if it is something else, or has bits set behind those that all have in common
     */
    public static IpNetwork parse(String text) {
        Objects.requireNonNull(text, "network");
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(
                    "network: " + text + " is no address such as 10.0.0.0/8 or 2001:db8::/32");
        }
        int most = Byte.SIZE * address.length;
        int bits = slash < 0 ? most : bits(text, slash + 1, most);
        IpNetwork network = new IpNetwork(address, bits);
        if (!Arrays.equals(network.masked(address), address)) {
            throw new IllegalArgumentException("network: " + text + " has bits set behind the first " + bits);
        }
        return network;
    }

    private static byte[] address(String text) {
        if (text.length() > LONGEST) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        byte[] ipv4 = IpText.ipv4(bytes, 0, bytes.limit());
        return ipv4 != null ? ipv4 : IpText.ipv6(bytes, 0, bytes.limit());
    }

    private static int bits(String text, int from, int most) {
        String digits = text.substring(from);
        if (!digits.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(digits) > most) {
            throw new IllegalArgumentException("network: behind the slash of " + text + " there must be 0 to " + most);
        }
        return Integer.parseInt(digits);
    }

    /** Whether it has that address. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress(); // never one of IPv6 that stands for one of IPv4
        return bytes.length == first.length && Arrays.equals(masked(bytes), first);
    }

    private byte[] masked(byte[] address) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.min(Byte.SIZE, Math.max(0, bits - Byte.SIZE * i));
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpNetwork o && bits == o.bits && Arrays.equals(first, o.first);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(first) + bits;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        try {
            String address = IpText.text(InetAddress.getByAddress(first));
            return bits == Byte.SIZE * first.length && first.length == IPV4_BYTES ? address : address + "/" + bits;
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // its length is right
        }
    }
}
