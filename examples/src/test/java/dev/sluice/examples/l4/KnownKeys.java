// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.l4;

import java.util.List;

/** The keys of the file, as its page has them. */
final class KnownKeys {
    static final List<String> ALL = List.of(
            "address",
            "connections",
            "proxy-protocol",
            "trusted",
            "tls",
            "cert",
            "key",
            "ca",
            "insecure",
            "server-name",
            "listener",
            "sni",
            "alpn",
            "source",
            "port",
            "to",
            "refuse",
            "backends",
            "name",
            "weight",
            "balance",
            "slow-start",
            "panic",
            "connect",
            "retries",
            "send-proxy",
            "check",
            "source-addresses",
            "interval",
            "timeout",
            "rise",
            "fall",
            "send",
            "expect",
            "path",
            "host",
            "failures",
            "time",
            "connections-per-source",
            "accepts-per-second",
            "memory",
            "hello",
            "idle",
            "write-stall",
            "topology",
            "readers",
            "drain",
            "access-log",
            "percent",
            "most");

    private KnownKeys() {}
}
