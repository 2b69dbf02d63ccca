// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.resp.RespRequest;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Keys and values: a hash table of bytes, looked up in without making an object of the key. Expired keys go when somebody
 * asks for them, or when {@link #sweep} comes by.
 *
 * <p><b>Threads.</b> One command at a time: whoever touches the store holds its monitor. Redis has one thread for all
 * commands; here several Readers may run them, and take turns. With one Reader nobody ever waits, and a turn costs some
 * 20 ns. The table is doubled at once when it is full, which takes some 50 ns for each key.
 *
 * <p><b>Bounds.</b> {@link #usedBytes} counts keys, values, subscriptions and the objects around them; commands that
 * could take it above {@link #maxBytes} are refused.
 */
public final class Store {
    /** What an entry takes beside the bytes of key and value: itself, the headers of two arrays, its place in a bucket. */
    static final int ENTRY_BYTES = 96;

    private static final int FEWEST_BUCKETS = 16;
    private static final int BUCKETS_PER_SWEEP = 4096;

    private final long maxBytes;
    private final LongSupplier clock;
    private final SipHash sipHash;
    private Entry[] buckets = new Entry[FEWEST_BUCKETS];
    private int count;
    private int expiring; // how many have a time
    private long usedBytes;
    private long expired;
    private int sweptTo;
    private long sweptMillis = -1; // the last time that it was full
    private byte[] key = new byte[64]; // of the last lookup
    private int keyLength;
    private long keyHash;
    private long nowMillis = -1; // unknown until a command asks for it

    /**
     * An empty store.
     *
     * @param maxBytes most bytes, 1,024 or more; what Redis calls maxmemory
     * @param clock milliseconds since 1970
     * @param secret what hashes are made with; nobody else should know it
     */
    public Store(long maxBytes, LongSupplier clock, long secret) {
        if (maxBytes < 1024) {
            throw new IllegalArgumentException("max-memory: " + maxBytes + " is not 1024 or more");
        }
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.sipHash = new SipHash(secret, Long.rotateLeft(secret, 32) * 0x9E37_79B9_7F4A_7C15L);
    }

    // ---- time

    /** A command begins: its time is asked for once, if at all. */
    void begin() {
        nowMillis = -1;
    }

    long now() {
        if (nowMillis < 0) {
            nowMillis = clock.getAsLong();
        }
        return nowMillis;
    }

    // ---- lookup

    /** The entry of the key that is an argument of a request, or null. */
    Entry find(RespRequest request, int argument) {
        load(request, argument);
        int bucket = bucket(keyHash);
        for (Entry entry = buckets[bucket]; entry != null; entry = entry.next) {
            if (entry.hash == keyHash && Arrays.equals(entry.key, 0, entry.key.length, key, 0, keyLength)) {
                return isExpired(entry) ? expire(entry) : entry;
            }
        }
        return null;
    }

    /** The entry of a key, made if it isn't there. {@link #changed} must follow once it has its value. */
    Entry findOrAdd(RespRequest request, int argument) {
        Entry entry = find(request, argument);
        return entry != null ? entry : add();
    }

    /** Adds an entry for the key that was looked for last, and is not there. */
    Entry add() {
        if (count == buckets.length) {
            resize(2 * buckets.length);
        }
        Entry entry = new Entry(Arrays.copyOf(key, keyLength), keyHash);
        int bucket = bucket(keyHash);
        entry.next = buckets[bucket];
        buckets[bucket] = entry;
        count++;
        usedBytes += ENTRY_BYTES + keyLength;
        return entry;
    }

    /** A value's array has changed its length by so much. */
    void changed(long bytes) {
        usedBytes += bytes;
    }

    void remove(Entry entry) {
        int bucket = bucket(entry.hash);
        Entry before = null;
        for (Entry at = buckets[bucket]; at != entry; at = at.next) {
            before = at;
        }
        if (before == null) {
            buckets[bucket] = entry.next;
        } else {
            before.next = entry.next;
        }
        count--;
        expires(entry, Entry.NEVER);
        usedBytes -= ENTRY_BYTES + entry.key.length + entry.value.length;
        if (buckets.length > FEWEST_BUCKETS && count < buckets.length / 8) {
            resize(buckets.length / 2);
        }
    }

    /** Removes everything. */
    void clear() {
        forEach(entry -> usedBytes -= ENTRY_BYTES + entry.key.length + entry.value.length);
        buckets = new Entry[FEWEST_BUCKETS];
        count = 0;
        expiring = 0;
        sweptTo = 0;
    }

    int count() {
        return count;
    }

    int expiring() {
        return expiring;
    }

    long expired() {
        return expired;
    }

    /** Sees every entry, the expired ones too. */
    void forEach(Consumer<Entry> action) {
        for (Entry bucket : buckets) {
            for (Entry entry = bucket; entry != null; entry = entry.next) {
                action.accept(entry);
            }
        }
    }

    // ---- scanning

    /**
     * Sees the entries of one bucket, and says which comes next. Who begins with 0 and goes on to 0 has seen every key that
     * was there all the time, whatever was added and removed and however often the table was doubled or halved meanwhile:
     * cursors count in the highest bit first, so that a bucket and those it is split into follow each other.
     */
    long scan(long cursor, Consumer<Entry> action) {
        long mask = buckets.length - 1L;
        for (Entry entry = buckets[(int) (cursor & mask)]; entry != null; entry = entry.next) {
            action.accept(entry);
        }
        return Long.reverse(Long.reverse(cursor | ~mask) + 1);
    }

    // ---- expiry

    /** Sets when an entry expires. */
    void expires(Entry entry, long atMillis) {
        expiring += (atMillis == Entry.NEVER ? 0 : 1) - (entry.expiresAtMillis == Entry.NEVER ? 0 : 1);
        entry.expiresAtMillis = atMillis;
    }

    boolean isExpired(Entry entry) {
        return entry.expiresAtMillis != Entry.NEVER && entry.expiresAtMillis <= now();
    }

    /**
     * Removes expired keys that nobody asks for: looks at 4,096 buckets, from where it stopped the last time. To be called
     * every now and then, from any thread.
     */
    public synchronized void sweep() {
        begin();
        sweepSome();
    }

    private void sweepSome() {
        int length = buckets.length;
        for (int i = 0; i < BUCKETS_PER_SWEEP && i < length && expiring > 0; i++) {
            sweptTo = (sweptTo + 1) & (buckets.length - 1);
            for (Entry entry = buckets[sweptTo]; entry != null; entry = entry.next) {
                if (isExpired(entry)) {
                    expire(entry);
                }
            }
        }
    }

    private Entry expire(Entry entry) {
        remove(entry);
        expired++;
        return null;
    }

    // ---- bounds

    /** Whether so many bytes more would be too much, after a try to make room. */
    boolean isFull(long moreBytes) {
        if (usedBytes + moreBytes <= maxBytes) {
            return false;
        }
        if (now() > sweptMillis) {
            sweptMillis = now(); // once a millisecond, not for each command that is refused
            sweepSome();
        }
        return usedBytes + moreBytes > maxBytes;
    }

    /** Counts memory that others take, or give back. */
    void charge(long bytes) {
        usedBytes += bytes;
    }

    /** Bytes that are taken. */
    long usedBytes() {
        return usedBytes;
    }

    /** Most bytes. */
    long maxBytes() {
        return maxBytes;
    }

    // ---- the table

    private void load(RespRequest request, int argument) {
        keyLength = request.length(argument);
        if (key.length < keyLength || (key.length > 4096 && keyLength < 64)) {
            key = new byte[Math.max(64, keyLength)];
        }
        request.copy(argument, key, 0);
        keyHash = sipHash.hash(key, keyLength);
    }

    /** A hash with the store's secret. */
    long hash(byte[] bytes) {
        return sipHash.hash(bytes, bytes.length);
    }

    private int bucket(long hash) {
        return (int) hash & (buckets.length - 1);
    }

    private void resize(int length) {
        Entry[] old = buckets;
        buckets = new Entry[length];
        for (Entry bucket : old) {
            for (Entry entry = bucket, next; entry != null; entry = next) {
                next = entry.next;
                int to = bucket(entry.hash);
                entry.next = buckets[to];
                buckets[to] = entry;
            }
        }
    }
}
