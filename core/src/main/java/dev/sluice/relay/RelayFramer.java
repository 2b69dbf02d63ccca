// SPDX-License-Identifier: Apache-2.0
package dev.sluice.relay;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.FrameView;
import dev.sluice.frame.Framer;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.ClientHelloReader;
import java.nio.ByteBuffer;

/** Takes the stream as it comes; or looks for a ClientHello at its beginning, which it leaves where it is. */
final class RelayFramer implements Framer<Arrival> {
    private final ClientHelloReader hellos;
    private final Arrival arrival = new Arrival();
    private final FrameView view = new FrameView();
    private boolean looks;
    private boolean hasLooked;

    RelayFramer(int maxHelloBytes) {
        this.hellos = new ClientHelloReader(maxHelloBytes);
    }

    void looksForHello(boolean now) {
        looks = now;
    }

    @Override
    public Arrival next(ByteBuffer in) throws FrameException {
        if (!looks) {
            return takeAll(in);
        }
        ClientHello hello = hellos.look(in);
        hasLooked = hello == null;
        return hello == null ? null : arrival.of(hello);
    }

    private Arrival takeAll(ByteBuffer in) {
        int start = in.position();
        in.position(in.limit());
        return arrival.of(view.of(in, start, in.limit()));
    }

    @Override
    public Arrival end(ByteBuffer in) throws FrameException {
        if (looks && in.hasRemaining()) {
            throw FrameException.truncated(in.remaining());
        }
        return in.hasRemaining() ? takeAll(in) : null;
    }

    @Override
    public boolean atBoundary() {
        return !hasLooked;
    }

    @Override
    public Yields yields() {
        return Yields.PARTS;
    }

    @Override
    public Arrival detach(Arrival read) {
        return read.hello != null ? new Arrival().of(read.hello) : new Arrival().of(FrameView.copy(read.bytes));
    }
}
