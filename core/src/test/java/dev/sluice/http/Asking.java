// SPDX-License-Identifier: Apache-2.0
package dev.sluice.http;

import dev.sluice.frame.FrameException;
import dev.sluice.frame.Framer;
import java.nio.ByteBuffer;

/** A framer of responses to requests of one method, each of which is told when its response begins to come. */
record Asking(HttpResponseFramer framer, String method, boolean upgrades) implements Framer<HttpPart> {

    @Override
    public HttpPart next(ByteBuffer in) throws FrameException {
        if (framer.atBoundary()) {
            if (upgrades) {
                framer.expectUpgrade(method);
            } else {
                framer.expect(method);
            }
        }
        return framer.next(in);
    }

    @Override
    public HttpPart end(ByteBuffer in) throws FrameException {
        return framer.end(in);
    }

    @Override
    public boolean atBoundary() {
        return framer.atBoundary();
    }

    @Override
    public Yields yields() {
        return framer.yields();
    }

    @Override
    public HttpPart detach(HttpPart frame) {
        return framer.detach(frame);
    }
}
