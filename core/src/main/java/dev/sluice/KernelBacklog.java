// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The longest backlog that the kernel grants, which it cuts longer ones to without a word.
 *
 * @param most connections, or {@code Integer.MAX_VALUE} where that isn't known
 */
record KernelBacklog(int most) {
    private static final Path SOMAXCONN = Path.of("/proc/sys/net/core/somaxconn"); // Linux

    static KernelBacklog ofThisMachine() {
        return in(SOMAXCONN);
    }

    static KernelBacklog in(Path file) {
        try {
            return new KernelBacklog(Integer.parseInt(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException e) {
            return new KernelBacklog(Integer.MAX_VALUE);
        }
    }

    /**
     * One warning for all endpoints whose backlog will be cut. The default is not warned of: nobody has counted on it.
     */
    Optional<String> warning(List<Endpoint> endpoints) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.backlog() > most && endpoint.backlog() != Endpoint.DEFAULT_BACKLOG)
                .max((one, other) -> Integer.compare(one.backlog(), other.backlog()))
                .map(endpoint -> "the kernel cuts the backlog of " + endpoint.where() + " from " + endpoint.backlog()
                        + " to net.core.somaxconn, " + most + "; raise that with sysctl -w net.core.somaxconn="
                        + endpoint.backlog() + ", or set a smaller one withBacklog");
    }
}
