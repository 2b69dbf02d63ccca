// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Why an address can't be listened on, in one line that says what to do. The JDK tells the error only as text of the C
 * library, which may be translated; a text that isn't known here is passed on without advice.
 */
final class BindTrouble {
    private BindTrouble() {}

    static BindException explained(Endpoint endpoint, Exception e) {
        String reason = e.getMessage() != null ? e.getMessage() : e.toString();
        if (e instanceof UnsupportedAddressTypeException) {
            reason = "this machine, or this JVM as it was started, has no sockets for such an address";
        }
        BindException explained =
                new BindException("cannot listen on " + endpoint.where() + ": " + reason(endpoint, e, reason));
        explained.initCause(e);
        return explained;
    }

    private static String reason(Endpoint endpoint, Exception e, String reason) {
        if (endpoint.address() instanceof UnixDomainSocketAddress unix) {
            return ofFile(unix.getPath(), e, reason);
        }
        if (endpoint.address() instanceof InetSocketAddress inet) {
            return ofPort(inet.getPort(), reason);
        }
        return reason;
    }

    private static String ofPort(int port, String reason) {
        if (reason.contains("in use")) {
            return reason + "; stop what has port " + port + " (ss -ltnp shows it), or take another";
        }
        if (reason.contains("ermission denied")) {
            return reason + "; port " + port + " is for privileged processes: take one from 1024 on, or grant"
                    + " CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start";
        }
        if (reason.contains("assign requested address")) {
            return reason + "; it is none of this machine's (ip address shows them)";
        }
        return reason;
    }

    private static String ofFile(Path path, Exception e, String reason) {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return "there is no directory " + directory + "; make it, or choose another path";
        }
        if (reason.contains("too long")) {
            return reason + "; the JDK takes 106 bytes, 7 fewer with permissions";
        }
        boolean denied = e instanceof AccessDeniedException || reason.contains("ermission denied");
        if (denied && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return "this user may not find out whether somebody listens on it; remove it, or choose another path";
        }
        if (denied) {
            return "this user may not make files in " + directory + "; change its permissions, or choose another path";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason() + " (" + file.getFile() + ")";
        }
        return reason;
    }
}
