// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where connections come from: no address for whichever the kernel takes, or one after the other.
 *
 * @param addresses with port 0, which lets the kernel choose one
 */
record Sources(List<InetSocketAddress> addresses) {
    private static final int MOST = 65_536;

    /** The kernel's choice. */
    static final Sources ANY = new Sources(List.of());

    /** The address of the i-th connection, or null. */
    InetSocketAddress of(int i) {
        return addresses.isEmpty() ? null : addresses.get(i % addresses.size());
    }

    /** How many connections have had their turn before a source has its next. */
    int size() {
        return Math.max(1, addresses.size());
    }

    @Override
    public String toString() {
        return switch (addresses.size()) {
            case 0 -> "an address of the kernel's choice";
            case 1 -> addresses.get(0).getHostString();
            default -> addresses.size() + " addresses";
        };
    }

    /** Reads {@code 127.0.0.2} and {@code 127.0.0.2-127.0.0.20}, several of them with commas. */
    static final class Converter implements ITypeConverter<Sources> {
        @Override
        public Sources convert(String text) throws UnknownHostException {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (String range : text.split(",")) {
                int dash = range.indexOf('-');
                long first = number(dash < 0 ? range : range.substring(0, dash));
                long last = dash < 0 ? first : number(range.substring(dash + 1));
                if (last < first || last - first >= MOST - addresses.size()) {
                    throw new TypeConversionException(
                            range + " is no ascending range, or there are more than " + MOST + " addresses");
                }
                for (long address = first; address <= last; address++) {
                    addresses.add(ours(new InetSocketAddress(InetAddress.getByAddress(bytes(address)), 0)));
                }
            }
            return new Sources(List.copyOf(addresses));
        }

        // Later the kernel's words for it would be those for having no port left.
        private static InetSocketAddress ours(InetSocketAddress address) {
            try (Socket socket = new Socket()) {
                socket.bind(address);
                return address;
            } catch (IOException e) {
                throw new TypeConversionException(
                        address.getHostString() + " is no address of this machine: " + e.getMessage());
            }
        }

        private static long number(String address) {
            String[] parts = address.split("\\.", -1);
            long number = 0;
            for (String part : parts) {
                if (parts.length != 4 || !part.matches("\\d{1,3}") || Integer.parseInt(part) > 255) {
                    throw new TypeConversionException(address + " is no IPv4 address such as 127.0.0.2");
                }
                number = number << 8 | Integer.parseInt(part);
            }
            return number;
        }

        private static byte[] bytes(long address) {
            return new byte[] {(byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
            };
        }
    }
}
