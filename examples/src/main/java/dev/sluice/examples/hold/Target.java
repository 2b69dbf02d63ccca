// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code HOST:PORT}. */
final class Target implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw new TypeConversionException(text + " is not HOST:PORT with a port from 1 to 65535");
        }
        String host = text.substring(0, colon).replaceAll("^\\[|\\]$", "");
        InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new TypeConversionException(host + " has no address here");
        }
        return address;
    }
}
