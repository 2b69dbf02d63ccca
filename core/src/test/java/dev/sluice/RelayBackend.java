// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import dev.sluice.frame.FrameException;
import dev.sluice.prelude.ClientHello;
import dev.sluice.prelude.ClientHelloReader;
import dev.sluice.sim.Talker;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A backend's end of a relay in {@link RelayRun}: it finds out whose stream it hears, and compares every byte of it. */
final class RelayBackend implements Talker.Speech {
    private final RelayRun run;
    private final int id;
    final Talker talker;
    RelayClient client; // whom it hears; null until that is known
    private RelayClient announced; // by the PROXY header
    private final ByteArrayOutputStream opening = new ByteArrayOutputStream();
    private final ByteArrayOutputStream early = new ByteArrayOutputStream(); // until that is known
    private boolean opened;
    private long heard; // of the client's bytes

    RelayBackend(RelayRun run, int id, Talker talker) {
        this.run = run;
        this.id = id;
        this.talker = talker;
        this.opened = !run.given.proxyOut();
        if (run.isFinishing()) {
            talker.finish();
        }
    }

    /** Four bytes that say who it is, and bytes that are its own at each place. */
    static byte named(int id, int direction, long offset) {
        if (offset < RelayClient.NAME_BYTES) {
            return (byte) (id >>> 8 * (RelayClient.NAME_BYTES - 1 - (int) offset));
        }
        long mixed = (offset * 0x9E3779B97F4A7C15L) ^ (id * 0xC2B2AE3D27D4EB4FL + direction);
        return (byte) (mixed * 0xD6E8FEB86659FD93L >>> 56);
    }

    @Override
    public byte at(long offset) {
        return named(id, 0xA7, offset);
    }

    /** The client has heard that byte there. */
    void mustHaveSaid(byte b, long offset) {
        if (offset >= talker.said() || b != at(offset)) {
            throw new AssertionError(
                    "byte " + offset + " is " + b + " where it should be " + at(offset) + " of " + talker);
        }
    }

    @Override
    public void hear(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            hear(bytes.get());
        }
    }

    private void hear(byte b) {
        if (!opened) {
            opening.write(b);
            opened = b == '\n';
            if (opened) {
                announced = announcedBy(opening.toByteArray());
            }
            return;
        }
        if (client == null) {
            early.write(b);
            client = find(early.toByteArray());
            if (client != null) {
                identified();
            }
        } else {
            compare(b);
        }
    }

    private RelayClient announcedBy(byte[] header) {
        String[] words = new String(header, java.nio.charset.StandardCharsets.ISO_8859_1).split(" ");
        RelayClient by = run.client(new java.net.InetSocketAddress(words[2], Integer.parseInt(words[4])));
        if (!java.util.Arrays.equals(header, by.opening())) {
            throw new AssertionError("another opening than that of " + by.talker);
        }
        return by;
    }

    private RelayClient find(byte[] soFar) {
        if (!run.given.hello()) {
            return soFar.length < RelayClient.NAME_BYTES
                    ? null
                    : run.client(ByteBuffer.wrap(soFar).getInt());
        }
        try {
            ClientHello hello = new ClientHelloReader().look(ByteBuffer.wrap(soFar));
            return hello == null
                    ? null
                    : run.client(Integer.parseInt(hello.serverName().replaceAll("[^0-9]", "")));
        } catch (FrameException e) {
            throw new AssertionError(talker + " heard what is no hello", e);
        }
    }

    private void identified() {
        if (announced != null && announced != client) {
            throw new AssertionError(announced.talker + " was announced, and " + client.talker + " is heard");
        }
        if (client.heardBy != null) {
            throw new AssertionError(client.talker + " is heard by " + talker + " and by " + client.heardBy.talker);
        }
        client.heardBy = this;
        for (byte b : early.toByteArray()) {
            compare(b);
        }
    }

    private void compare(byte b) {
        if (heard >= client.bodyBytes() || b != client.body(heard)) {
            throw new AssertionError("byte " + heard + " is " + b + " where it should be " + client.body(heard) + " of "
                    + client.talker);
        }
        heard++;
    }
}
