// SPDX-License-Identifier: Apache-2.0
/** Listener, Acceptor, Reader and framers: servers that hold very many TCP connections, on {@code java.nio} alone. */
module dev.sluice {
    requires org.slf4j;

    exports dev.sluice;
    exports dev.sluice.frame;
    exports dev.sluice.http;
    exports dev.sluice.outbound;
    exports dev.sluice.prelude;
    exports dev.sluice.relay;
    exports dev.sluice.resp;
    exports dev.sluice.sim;
    exports dev.sluice.testing;
    exports dev.sluice.tls;
    exports dev.sluice.upstream;
}
