// SPDX-License-Identifier: Apache-2.0
/**
 * An in-memory store that speaks Redis' protocol and has its strings, expiry, and channels; see {@code Kv} beside this
 * package. Read {@link dev.sluice.examples.kv.KvProtocol} first: a request comes in there, is looked up in
 * {@code Commands}, and works on the {@link dev.sluice.examples.kv.Store}.
 */
package dev.sluice.examples.kv;
