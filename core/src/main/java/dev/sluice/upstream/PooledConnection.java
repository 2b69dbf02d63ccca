// SPDX-License-Identifier: Apache-2.0
package dev.sluice.upstream;

import dev.sluice.Connection;
import dev.sluice.Reader;
import dev.sluice.frame.Encoder;
import dev.sluice.prelude.ProxyHeader;
import dev.sluice.tls.TlsInfo;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A connection of a {@link ConnectionPool}. It is the taker's alone until that releases it, and then nobody's: whoever has
 * released one must not touch it again. One that isn't to be used again is {@linkplain #close closed} or
 * {@linkplain #abort aborted} instead; one that has ended needs nothing more.
 */
public final class PooledConnection implements Connection {
    private enum State {
        CONNECTING,
        IN_USE,
        IDLE,
        GONE
    }

    private final LoopPool pool;
    private final SocketAddress address;
    private final long madeNanos;

    // Reader's thread
    private ConnectionPool.Taker taker; // until it was told
    private State state = State.CONNECTING;
    private long idleSinceNanos;
    private boolean wasUsedBefore;
    private boolean hasPermit = true;
    private boolean isLastUse; // its server drains

    private volatile Connection connection; // null before it is open
    private Object attachment;

    PooledConnection(LoopPool pool, SocketAddress address, ConnectionPool.Taker taker, long now) {
        this.pool = pool;
        this.address = address;
        this.taker = taker;
        this.madeNanos = now;
    }

    /**
     * Gives it back: all that was asked on it was answered, and nothing else is to come. Nothing happens if it has ended. Any
     * thread.
     */
    public void release() {
        if (pool.reader.isCurrent()) {
            releaseHere();
        } else {
            pool.reader.execute(this::releaseHere);
        }
    }

    private void releaseHere() {
        if (state == State.IN_USE) {
            pool.released(this);
        }
    }

    /** Whether this is not its first use: then its server may have ended it just when it was taken. */
    public boolean wasUsedBefore() {
        return wasUsedBefore;
    }

    /** What it was taken for. */
    public SocketAddress address() {
        return address;
    }

    // ---- for the pool, Reader's thread

    boolean isIdle() {
        return state == State.IDLE;
    }

    boolean isInUse() {
        return state == State.IN_USE || state == State.CONNECTING;
    }

    long madeNanos() {
        return madeNanos;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void isOpenNow(Connection itself) {
        connection = itself;
    }

    /** Its protocol knows it: its taker is told. */
    void handOver() {
        state = State.IN_USE;
        takeTaker().taken(this);
    }

    /** It has failed, or its end has come. */
    ConnectionPool.Taker takeTaker() {
        ConnectionPool.Taker it = taker;
        taker = null;
        return it;
    }

    void becomeIdle(long now) {
        state = State.IDLE;
        idleSinceNanos = now;
        wasUsedBefore = true;
    }

    void becomeUsed() {
        state = State.IN_USE;
    }

    /** It isn't to be used again once it is released. */
    void useNoMore() {
        isLastUse = true;
    }

    boolean isLastUse() {
        return isLastUse;
    }

    /** Lets go of it; whoever calls sees to its permit. */
    void becomeGone() {
        state = State.GONE;
    }

    /** Whether it had a permit, which the caller gives back. */
    boolean takePermit() {
        boolean had = hasPermit;
        hasPermit = false;
        return had;
    }

    void dropAsStale() {
        pool.dropStale(this);
    }

    void hasEnded() {
        pool.ended(this);
    }

    // ---- the connection

    @Override
    public long id() {
        return connection.id();
    }

    @Override
    public SocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public SocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public ProxyHeader proxyHeader() {
        return connection.proxyHeader();
    }

    @Override
    public TlsInfo tlsInfo() {
        return connection.tlsInfo();
    }

    @Override
    public boolean mayStartTls() {
        return connection.mayStartTls();
    }

    @Override
    public void startTls() {
        connection.startTls();
    }

    @Override
    public Reader reader() {
        return connection.reader();
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public boolean isDraining() {
        return connection.isDraining();
    }

    @Override
    public boolean send(ByteBuffer bytes) {
        return connection.send(bytes);
    }

    @Override
    public <T> boolean send(T message, Encoder<? super T> encoder) {
        return connection.send(message, encoder);
    }

    @Override
    public long unsentBytes() {
        return connection.unsentBytes();
    }

    @Override
    public boolean isWritable() {
        return connection.isWritable();
    }

    @Override
    public void endOutput() {
        connection.endOutput();
    }

    @Override
    public void pause() {
        connection.pause();
    }

    @Override
    public void resume() {
        connection.resume();
    }

    @Override
    public void close() {
        connection.close();
    }

    @Override
    public void abort() {
        connection.abort();
    }

    /** It stays where it is, since it is used again there. */
    @Override
    public CompletableFuture<Boolean> moveTo(Reader target) {
        return CompletableFuture.completedFuture(target == reader());
    }

    @Override
    public Object attachment() {
        return attachment;
    }

    @Override
    public void attach(Object newAttachment) {
        attachment = newAttachment;
    }

    /** The connection's own words, or where it is to go. */
    @Override
    public String toString() {
        Connection itself = connection;
        return itself == null ? "connecting to " + address : itself.toString();
    }
}
