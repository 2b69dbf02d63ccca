// SPDX-License-Identifier: Apache-2.0
/**
 * RESP, the serialisation protocol of Redis: framers for requests and for replies, in versions 2 and 3, and what writes
 * both. Nothing here knows a connection; see {@link dev.sluice.frame.Framer} for what a framer is.
 *
 * <p>Source: the <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">protocol's specification</a>,
 * and for requests what a Redis server does with them.
 */
package dev.sluice.resp;
