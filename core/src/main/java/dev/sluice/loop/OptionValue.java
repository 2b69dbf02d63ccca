// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.net.SocketOption;

/**
 * A socket option and the value that it is to be set to.
 *
 * @param option one that the channels support which it will be set on
 * @param value what it is set to
 */
public record OptionValue<T>(SocketOption<T> option, T value) {}
