// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.CloseReason;

/**
 * How a relay has ended. How many bytes went each way is in the reasons' circumstances.
 *
 * @param client why the client's connection has ended
 * @param upstream why the backend's has; null if the client went before there was one
 */
public record RelayReport(CloseReason client, CloseReason upstream) {}
