// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;

/**
 * Reads the header of the PROXY protocol from the beginning of a connection, in version 1 or 2, and consumes exactly its
 * bytes. There is one header on a connection, so whoever has it asks no further: what follows is the protocol's. Whether
 * there is a header is for the endpoint to know, never guessed from the bytes (section 2).
 *
 * <p><b>Refused</b> is everything that does not match the specification exactly, at the first byte that shows it: {@link
 * FrameException.Kind#MALFORMED}. What is wrong inside the TLVs of version 2 shows when the header is complete. The rules
 * are in {@code docs/preludes.md}.
 *
 * <p><b>Limits</b>: 107 bytes in version 1; in version 2 {@code maxHeaderBytes}, judged by the length that it tells, before
 * anything is collected: {@link FrameException.Kind#TOO_LONG}. While a header is incomplete, its framer holds two addresses
 * at most.
 *
 * <pre>{@code
 * Framer<ProxyHeader> framer = new ProxyHeaderFramer(ProxyHeaderFramer.DEFAULT_HEADER_BYTES);
 * ProxyHeader header = framer.next(in);      // null: more bytes are needed
 * }</pre>
 */
public final class ProxyHeaderFramer implements Framer<ProxyHeader> {
    /** What a header of version 2 may have unless told otherwise, in bytes: 4 KiB, room for a client's certificate. */
    public static final int DEFAULT_HEADER_BYTES = 4 * 1024;

    private static final int LEAST = 536; // what the specification says that both versions fit into
    private static final int MOST = ProxyBlock.FIXED_BYTES + ProxyHeader.MAX_BLOCK_BYTES;

    private final Set<ProxyVersion> accepted;
    private final ProxyLine line = new ProxyLine();
    private final ProxyBlock block;

    /**
     * Makes a framer for both versions.
     *
     * @param maxHeaderBytes most bytes of a header of version 2, 536 or more; above 65,551 it says nothing
     * @throws IllegalArgumentException if {@code maxHeaderBytes} is out of range
     */
    public ProxyHeaderFramer(int maxHeaderBytes) {
        this(maxHeaderBytes, EnumSet.allOf(ProxyVersion.class));
    }

    /**
     * Makes a framer.
     *
     * @param maxHeaderBytes most bytes of a header of version 2, 536 or more; above 65,551 it says nothing
     * @param accepted which versions are read, one or both; the other is refused at its first byte
     * @throws IllegalArgumentException if {@code maxHeaderBytes} is out of range or no version is accepted
     */
    public ProxyHeaderFramer(int maxHeaderBytes, Set<ProxyVersion> accepted) {
        if (maxHeaderBytes < LEAST) {
            throw new IllegalArgumentException(
                    "maxHeaderBytes is " + maxHeaderBytes + ", must be " + LEAST + " or more");
        }
        if (accepted.isEmpty()) {
            throw new IllegalArgumentException("accepted: empty, must have one version or both");
        }
        this.accepted = EnumSet.copyOf(accepted);
        this.block = new ProxyBlock(Math.min(maxHeaderBytes, MOST));
    }

    @Override
    public ProxyHeader next(ByteBuffer in) throws FrameException {
        int start = in.position();
        return switch (in.get(start)) {
            case 'P' -> {
                require(ProxyVersion.V1);
                yield line.read(in, start + Math.min(in.remaining(), ProxyLine.MAX_BYTES));
            }
            case '\r' -> {
                require(ProxyVersion.V2);
                yield block.read(in);
            }
            default -> throw FrameException.malformed(0, "neither version of the PROXY protocol begins so");
        };
    }

    private void require(ProxyVersion version) throws FrameException {
        if (!accepted.contains(version)) {
            throw FrameException.malformed(
                    0, "version " + (version == ProxyVersion.V1 ? 1 : 2) + " of the PROXY protocol is not accepted");
        }
    }

    @Override
    public boolean atBoundary() {
        return !line.isBegun() && !block.isBegun();
    }

    @Override
    public Yields yields() {
        return Yields.WHOLE;
    }

    /** Returns the same: a header owns its memory. */
    @Override
    public ProxyHeader detach(ProxyHeader header) {
        return header;
    }
}
