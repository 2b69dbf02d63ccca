// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.io.IOException;
import java.util.List;

/**
 * Why {@code accept} failed. The JDK tells it only as text that comes from the C library, so a text that was translated
 * is {@link #UNKNOWN}. After any of them but {@link #CONNECTION} accepting rests for 50 ms.
 */
public enum AcceptError {
    /** The process has no descriptor left ({@code EMFILE}). */
    DESCRIPTORS_OF_PROCESS(
            "the process has no descriptor left",
            "raise its limit of open files (ulimit -n, or LimitNOFILE= of systemd), or set limits.connections below it"),
    /** The whole machine has no descriptor left ({@code ENFILE}). */
    DESCRIPTORS_OF_SYSTEM(
            "the machine has no descriptor left", "raise fs.file-max, or find out which process holds so many"),
    /** The kernel has no memory left for a socket ({@code ENOBUFS}, {@code ENOMEM}). */
    MEMORY("the kernel has no memory for a socket", "see net.ipv4.tcp_mem and the memory limit of the service"),
    /** The client's connection was gone before it was taken; the next one is tried at once, mostly. */
    CONNECTION("connections were gone before they were taken", "nothing need be done unless it lasts"),
    /** A firewall, or another rule of the kernel's, forbids it ({@code EPERM}, {@code EACCES}). */
    FORBIDDEN("the kernel forbids it", "see the firewall and the security rules of the service"),
    /** None of these, or a text that nobody here knows. */
    UNKNOWN("of an error that is not known", "if it lasts, find out what it says");

    private record Text(String part, AcceptError error) {}

    // The texts of glibc and musl; the longer one of two that begin alike comes first.
    private static final List<Text> TEXTS = List.of(
            new Text("Too many open files in system", DESCRIPTORS_OF_SYSTEM),
            new Text("Too many open files", DESCRIPTORS_OF_PROCESS),
            new Text("No file descriptors available", DESCRIPTORS_OF_PROCESS),
            new Text("No buffer space available", MEMORY),
            new Text("Cannot allocate memory", MEMORY),
            new Text("Out of memory", MEMORY),
            new Text("connection abort", CONNECTION),
            new Text("Connection aborted", CONNECTION),
            new Text("Connection reset", CONNECTION),
            new Text("Protocol error", CONNECTION),
            new Text("Protocol not available", CONNECTION),
            new Text("Network is down", CONNECTION),
            new Text("Network is unreachable", CONNECTION),
            new Text("Network unreachable", CONNECTION),
            new Text("No route to host", CONNECTION),
            new Text("Host is unreachable", CONNECTION),
            new Text("Host is down", CONNECTION),
            new Text("Operation not permitted", FORBIDDEN),
            new Text("Permission denied", FORBIDDEN));

    /** What is the matter, for the log. */
    final String what;
    /** What can be done about it. */
    final String advice;

    AcceptError(String what, String advice) {
        this.what = what;
        this.advice = advice;
    }

    /** The one place that classifies what {@code accept} throws. */
    static AcceptError of(IOException e) {
        String message = String.valueOf(e.getMessage());
        for (Text text : TEXTS) {
            if (message.contains(text.part)) {
                return text.error;
            }
        }
        return UNKNOWN;
    }

    boolean isOutOfDescriptors() {
        return this == DESCRIPTORS_OF_PROCESS || this == DESCRIPTORS_OF_SYSTEM;
    }
}
