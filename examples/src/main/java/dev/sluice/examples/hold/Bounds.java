// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.hold;

/**
 * The limits that connections run into, read before there are any: once no descriptor is left, no file can be read.
 *
 * @param descriptors of this process
 * @param descriptorsOfAll of all processes together
 * @param ports from which the kernel chooses a client's
 */
record Bounds(String descriptors, String descriptorsOfAll, String ports) {

    static Bounds read() {
        return new Bounds(
                Kernel.descriptors().isPresent()
                        ? String.valueOf(Kernel.descriptors().getAsLong())
                        : "unknown",
                Kernel.line("/proc/sys/fs/file-max"),
                Kernel.line("/proc/sys/net/ipv4/ip_local_port_range"));
    }
}
