// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;

/**
 * One end of a connection as Linux's kernel has it, below channels. An error is reported once and then gone; what had
 * arrived before a reset can still be read; who closes with unread bytes, or gets bytes after closing, answers with a
 * reset.
 */
final class Tcp {
    /** What {@code poll} tells. */
    static final int IN = 1;

    static final int OUT = 4;
    static final int ERR = 8;
    static final int HUP = 16;

    private enum Trouble {
        NONE,
        RESET,
        BROKEN_PIPE,
        REFUSED,
        TIMED_OUT
    }

    private enum State {
        FRESH,
        CONNECTING,
        CONNECTED
    }

    final Network network;
    final InetAddress host; // the source of connects that aren't bound
    String name = "?";
    InetSocketAddress local;
    InetSocketAddress remote;
    int sendBytes;
    int receiveBytes;
    boolean cutByFault;
    Listening handshake; // of an accepted end, until its third packet is in
    Tcp peer;
    private Owner owner;
    private Stream in;
    private Stream out;
    private State state = State.FRESH;
    private Trouble trouble = Trouble.NONE;
    private boolean hungUp; // nothing goes or comes any more
    private boolean inputShut;
    private boolean outputShut;
    private boolean endedFirst; // its end of the stream was sent before the peer's had come
    private boolean closed; // by its owner

    Tcp(Network network, InetAddress host) {
        this.network = network;
        this.host = host;
        this.sendBytes = network.bufferBytes;
        this.receiveBytes = network.bufferBytes;
    }

    void owner(Owner newOwner) {
        owner = newOwner;
    }

    /** Joins the two ends. */
    void link(Tcp other) {
        peer = other;
        other.peer = this;
        in = new Stream();
        out = new Stream();
        other.in = out;
        other.out = in;
    }

    // ---- what its owner does

    void connecting() {
        state = State.CONNECTING;
    }

    boolean isConnected() {
        return state == State.CONNECTED;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isHungUp() {
        return hungUp;
    }

    /** Whether the peer's stream has come to its end, orderly. */
    boolean inputEnded() {
        return in != null && in.endArrived();
    }

    boolean hasInput() {
        return in.available() > 0;
    }

    /** Returns whether the connect has succeeded; false while it is under way. */
    boolean finishConnect() throws IOException {
        if (trouble != Trouble.NONE) {
            throw takeTrouble(true);
        }
        return state == State.CONNECTED;
    }

    /** Bytes, 0 if there are none now, -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        if (in.available() > 0) {
            int most = Math.min(into.remaining(), in.available());
            int n = in.take(into, network.dice.shortened(Fault.SHORT_READ, most));
            network.log.begin("read ").append(name).append(' ').append(n);
            network.log.end();
            if (in.isWaitingForRoom()) {
                network.carryAgain(peer);
            }
            changed();
            return n;
        }
        if (in.endArrived()) {
            return -1;
        }
        if (trouble != Trouble.NONE) {
            throw takeTrouble(true);
        }
        return inputShut || hungUp ? -1 : 0;
    }

    int write(ByteBuffer from) throws IOException {
        ensureCanWrite();
        int n = put(from);
        written(n);
        return n;
    }

    /** Writes from several buffers at once. */
    long write(ByteBuffer[] from, int offset, int length) throws IOException {
        ensureCanWrite();
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += from[i].hasRemaining() ? put(from[i]) : 0;
            if (from[i].hasRemaining()) {
                break;
            }
        }
        written(total);
        return total;
    }

    private void ensureCanWrite() throws IOException {
        if (trouble != Trouble.NONE || outputShut || hungUp) {
            throw takeTrouble(false);
        }
    }

    private int put(ByteBuffer from) {
        int most = Math.min(from.remaining(), out.room(sendBytes));
        if (most > 0 && network.dice.hits(Fault.FULL_BUFFER)) {
            hold();
            most = 0;
        }
        int n = network.dice.shortened(Fault.SHORT_WRITE, most);
        network.log
                .begin("write ")
                .append(name)
                .append(' ')
                .append(n)
                .append('/')
                .append(from.remaining());
        network.log.end();
        out.write(from, n);
        return n;
    }

    private void written(long n) {
        if (n > 0) {
            network.carry(this);
        }
        changed();
    }

    private void hold() {
        out.held = true;
        network.timeline.in(network.dice.chance().between(1, 20_000_000), () -> {
            out.held = false;
            changed();
        });
    }

    void shutdownInput() {
        inputShut = true;
        changed();
    }

    void shutdownOutput() {
        if (!outputShut && !hungUp) {
            network.log.begin("fin ").append(name);
            network.log.end();
            endOutput();
        }
        outputShut = true;
        changed();
    }

    private void endOutput() {
        outputShut = true;
        endedFirst = !in.endArrived();
        out.end();
        network.carry(this);
    }

    /** Lets go of the socket; with {@code abort} the peer is reset. */
    void close(boolean abort) {
        if (closed) {
            return;
        }
        closed = true;
        owner = null;
        network.log.begin("close ").append(name).append(abort ? " abort" : "");
        network.log.end();
        if (state == State.CONNECTED && !hungUp) {
            if (abort || in.available() > 0) {
                sendReset();
            } else if (!outputShut) {
                endOutput();
            }
        } else if (state == State.CONNECTING) {
            hungUp = true;
            if (peer != null) {
                network.carryReset(this);
            }
        }
        releaseIfDone();
    }

    /** What could be done without waiting, in the bits of {@code poll}. */
    int poll() {
        if (state == State.FRESH) {
            return OUT | HUP;
        }
        if (hungUp) {
            return IN | OUT | HUP | (trouble != Trouble.NONE ? ERR : 0);
        }
        if (state == State.CONNECTING) {
            return 0;
        }
        boolean inputOver = inputShut || in.endArrived();
        int bits = in.available() > 0 || inputOver ? IN : 0;
        // Linux calls a socket writable once its buffer is down to two thirds.
        int room = out.room(sendBytes);
        if (outputShut || room > 0 && room >= out.unsent() / 2) {
            bits |= OUT;
        }
        return inputOver && outputShut ? bits | HUP : bits;
    }

    /** What this end is; for one that has begun to connect, or was accepted. */
    TcpState state() {
        if (hungUp) {
            return TcpState.CLOSED;
        } else if (state != State.CONNECTED) {
            return TcpState.SYN_SENT;
        } else if (handshake != null) {
            return TcpState.SYN_RECEIVED;
        } else if (!out.isEnded()) {
            return in.endArrived() ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED;
        } else if (!in.endArrived()) {
            return out.endArrived() ? TcpState.FIN_WAIT_2 : TcpState.FIN_WAIT_1;
        } else if (endedFirst) {
            return out.endArrived() ? TcpState.TIME_WAIT : TcpState.CLOSING;
        } else {
            return out.endArrived() ? TcpState.CLOSED : TcpState.LAST_ACK;
        }
    }

    // ---- what the network does

    void established() {
        if (hungUp) {
            return;
        }
        state = State.CONNECTED;
        cutByFault = false;
        changed();
    }

    /** The peer's bytes, and the end of them, have come as far as {@code position}. */
    void arrive(long position) {
        completeHandshake();
        if (hungUp) {
            if (!peer.hungUp) {
                network.carryReset(this); // there is no such connection here any more
            }
            return;
        }
        boolean isNew = in.arrive(position, receiveBytes);
        if (closed && in.available() > 0) {
            sendReset();
        } else if (isNew) {
            StringBuilder line = network.log.begin("deliver ").append(name).append(' ');
            line.append(in.available()).append(in.endArrived() ? " end" : "");
            network.log.end();
            changed();
            peer.changed();
        }
        releaseIfDone();
        peer.releaseIfDone();
    }

    void resetArrives() {
        if (handshake != null) {
            handshake.abandoned(this);
            handshake = null;
        }
        Trouble why = in != null && in.endArrived() && !outputShut ? Trouble.BROKEN_PIPE : Trouble.RESET;
        hangUp(state == State.CONNECTING ? Trouble.REFUSED : why);
    }

    void timeOut() {
        hangUp(Trouble.TIMED_OUT);
    }

    long outPosition() {
        return out.position();
    }

    Stream out() {
        return out;
    }

    private void hangUp(Trouble why) {
        if (hungUp) {
            return;
        }
        network.log.begin("hangup ").append(name).append(' ').append(why);
        network.log.end();
        trouble = why;
        hungUp = true;
        if (out != null) {
            out.cut();
        }
        if (closed && in != null) {
            in.forget();
        }
        changed();
        releaseIfDone();
    }

    private void sendReset() {
        network.log.begin("rst ").append(name);
        network.log.end();
        hungUp = true;
        in.forget();
        network.carryReset(this);
    }

    private void completeHandshake() {
        if (handshake != null) {
            Listening listening = handshake;
            handshake = null;
            listening.completed(this);
        }
    }

    private void releaseIfDone() {
        if (closed && (hungUp || state == State.FRESH || in.endArrived() && peer.in.endArrived())) {
            network.ports.release(this);
        }
    }

    private void changed() {
        if (owner != null) {
            owner.changed();
        }
    }

    private IOException takeTrouble(boolean reading) {
        Trouble taken = trouble;
        trouble = Trouble.NONE;
        return switch (taken) {
            case RESET ->
                reading ? new SocketException("Connection reset") : new IOException("Connection reset by peer");
            case REFUSED -> new ConnectException("Connection refused");
            case TIMED_OUT ->
                state == State.CONNECTING
                        ? new ConnectException("Connection timed out")
                        : new IOException("Connection timed out");
            case BROKEN_PIPE, NONE -> new IOException("Broken pipe");
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
