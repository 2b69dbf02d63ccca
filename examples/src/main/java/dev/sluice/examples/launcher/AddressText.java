// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.launcher;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A host and a port, as in {@code 10.0.0.7:443} or {@code [::1]:443}; the host is not looked up. */
final class AddressText implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return InetSocketAddress.createUnresolved(
                    text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1"),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(text + ": a host and a port are needed, as in 10.0.0.7:443");
        }
    }
}
