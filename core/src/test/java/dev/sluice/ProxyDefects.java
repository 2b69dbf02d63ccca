// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import java.util.List;

/** Mistakes that somebody could make in a reverse proxy. */
final class ProxyDefects {
    private ProxyDefects() {}

    static final List<Defect> ALL = List.of(
            new Defect(
                    "what comes behind a response is the next one's",
                    "http/HttpResponseFramer.java",
                    "            pending.overrun(); //",
                    "            pending.isOverrun(); //",
                    1000),
            new Defect(
                    "a request that does harm is sent twice",
                    "http/Proxied.java",
                    "case \"GET\", \"HEAD\", \"OPTIONS\", \"PUT\", \"DELETE\" -> true;",
                    "case \"GET\", \"HEAD\", \"OPTIONS\", \"PUT\", \"POST\" -> true;",
                    200),
            new Defect(
                    "a response that was cut looks whole",
                    "http/Proxied.java",
                    "            stream.abort();\n",
                    "            stream.end();\n",
                    200),
            new Defect(
                    "a connection with half a request is used again",
                    "http/Proxied.java",
                    "        if (keepsAlive && requestSent) {",
                    "        if (keepsAlive) {",
                    1000),
            new Defect(
                    "a client is not read once its backend takes more",
                    "http/Proxied.java",
                    "        if (body.sendHeld(upstream)) {\n            resumeClient();",
                    "        if (body.sendHeld(upstream)) {\n            client.isOpen();",
                    200),
            new Defect(
                    "the last chunk is forgotten",
                    "http/ForwardedBody.java",
                    "        send(part.bytes(), backend);\n        if (whole) {",
                    "        send(part.bytes(), backend);\n        if (!whole) {",
                    200),
            new Defect(
                    "a backend is not read once its client takes more",
                    "http/Proxied.java",
                    "        upstreamPaused = false;\n        upstream.resume();",
                    "        upstreamPaused = false;",
                    200),
            new Defect(
                    "a backend that was left counts as in use",
                    "http/Proxied.java",
                    "        if (lease != null) {\n            lease.gaveUp();",
                    "        if (lease != null) {\n            lease.isOver();",
                    500),
            new Defect(
                    "the rest of a body is sent as the whole",
                    "http/Proxied.java",
                    "        boolean mayRepeat = (body == null || !body.isLost()) && (reason == null",
                    "        boolean mayRepeat = (reason == null",
                    1000),
            new Defect(
                    "nobody looks for who waits",
                    "http/BackendLane.java",
                    "        if (!alarm.isSet()) {",
                    "        if (alarm.isSet()) {",
                    200),
            new Defect(
                    "who waits is looked for once",
                    "http/BackendLane.java",
                    "        if (first != null) {\n            alarm.set(between);",
                    "        if (first == null) {\n            alarm.set(between);",
                    200),
            new Defect(
                    "who waits is looked for now and then",
                    "http/BackendLane.java",
                    "LONGEST) > 0 ? LONGEST : part;",
                    "LONGEST) > 0 ? LONGEST.multipliedBy(30) : part;",
                    200),
            new Defect(
                    "a connection that comes late is forgotten",
                    "http/Proxied.java",
                    "            lane.giveBack(connection);\n            return;",
                    "            return;",
                    1000),
            new Defect(
                    "the Host of the client is lost",
                    "http/ForwardedRequest.java",
                    "        hasHost = host >= 0;\n",
                    "        hasHost = false;\n",
                    50));
}
