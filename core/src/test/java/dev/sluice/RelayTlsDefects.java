// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.List;

/** Mistakes that somebody could make in TLS, which only shows where a peer may end, cut, or not read, whenever it likes. */
final class RelayTlsDefects {
    private RelayTlsDefects() {}

    static final List<Defect> ALL = List.of(
            new Defect(
                    "a stream that was cut in TLS is taken for one that has ended",
                    "TlsIo.java",
                    "            c.cut(CloseReason.TlsTruncated::new);\n",
                    "            c.endedInOrder();\n",
                    500),
            new Defect(
                    "an end is not said in TLS", "TlsConnection.java", "            tls().sayGoodbye(this);\n", "", 50),
            new Defect(
                    "who is cut is told an end in TLS",
                    "SocketConnection.java",
                    "        if (!is(TORN)) { // or what the peer has got would look whole\n            sayGoodbye();\n        }\n",
                    "        sayGoodbye();\n",
                    1000),
            new Defect(
                    "room is told of before the protocol knows the connection",
                    "SocketConnection.java",
                    "        if (wasOpened && state.takesOutput() && !is(FULL)) {",
                    "        if (state.takesOutput() && !is(FULL)) {",
                    200),
            new Defect(
                    "a buffer of sealed bytes is not given back",
                    "TlsConnection.java",
                    "            sealed.release();\n            sealed = null;\n",
                    "            sealed = null;\n",
                    500),
            new Defect(
                    "what is kept sealed is forgotten",
                    "TlsConnection.java",
                    "        return sealed != null ? sealed : goesOver ? null : super.firstUnsent();\n",
                    "        return goesOver ? null : super.firstUnsent();\n",
                    200),
            new Defect(
                    "bytes that were sealed are counted as held for ever",
                    "TlsIo.java",
                    "        c.heldOut(n - counted);\n",
                    "        c.heldOut(n);\n",
                    200));
}
