// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.List;

/** Mistakes that somebody could make in relays, and in what of a connection is there for them. */
final class RelayDefects {
    private RelayDefects() {}

    static final List<Defect> ALL = List.of(
            new Defect(
                    "an end is not passed on",
                    "relay/RelayProtocol.java",
                    "            to.endOutput();\n",
                    "            to.isOpen();\n",
                    50),
            new Defect(
                    "who is too fast is not paused",
                    "relay/RelayProtocol.java",
                    "            from.pause();\n",
                    "            from.isOpen();\n",
                    500),
            new Defect(
                    "who was paused is not resumed",
                    "relay/RelayProtocol.java",
                    "            from.resume();\n",
                    "            from.isOpen();\n",
                    500),
            new Defect(
                    "a client is not read once it has a backend",
                    "relay/RelayProtocol.java",
                    "        pair.client.resume();\n",
                    "",
                    50),
            new Defect(
                    "a client is read before it has a backend",
                    "relay/RelayProtocol.java",
                    "        pair.client.pause();\n",
                    "",
                    50),
            new Defect(
                    "a reset is passed on as an end",
                    "relay/RelayProtocol.java",
                    "            other.abort();\n",
                    "            other.close();\n",
                    200),
            new Defect(
                    "what was cut looks whole",
                    "SocketConnection.java",
                    "return level.resetsWhenCut && wasOpened",
                    "return false && wasOpened",
                    500),
            new Defect(
                    "once one side has ended the other has little time",
                    "relay/RelayProtocol.java",
                    "            return; // both streams",
                    "            other.close(); // both streams",
                    1000),
            new Defect(
                    "a hello is looked for again",
                    "relay/RelayProtocol.java",
                    "readsHello && pair(connection).isToBeRouted()",
                    "readsHello",
                    50),
            new Defect(
                    "a client without a backend is not told",
                    "relay/RelayProtocol.java",
                    "        refuse(pair.client, TlsAlert.INTERNAL_ERROR);\n",
                    "",
                    200),
            new Defect(
                    "the end of a client alone is not told",
                    "relay/Pair.java",
                    "isClient ? upstream() != null && !upstreamIsOver : !clientIsOver",
                    "isClient ? !upstreamIsOver : !clientIsOver",
                    2000),
            new Defect(
                    "a side's end goes before its bytes",
                    "SocketConnection.java",
                    "if (is(OUTPUT_ENDS) && !is(OUTPUT_ENDED) && mayTellEnd()) {\n            sayGoodbye();\n"
                            + "            if (state.isOver() || firstUnsent() != null) {",
                    "if (is(OUTPUT_ENDS) && !is(OUTPUT_ENDED)) {\n            sayGoodbye();\n"
                            + "            if (state.isOver()) {",
                    500),
            new Defect(
                    "with both streams ended it goes on",
                    "SocketConnection.java",
                    "(level.endsWithInput() || is(OUTPUT_ENDED))",
                    "level.endsWithInput()",
                    50),
            new Defect(
                    "above the high mark for ever", "SocketConnection.java", "            marks &= ~FULL;\n", "", 500));
}
