// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.kv;

import dev.sluice.Reply;
import dev.sluice.frame.Encoder;
import dev.sluice.frame.Output;
import dev.sluice.resp.RespOutput;
import dev.sluice.resp.RespRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One command's call: its request, what it works on, and the ways to answer it. There is one object for all calls,
 * guarded by the store's monitor, so that a call costs no object; what is answered is kept in it until it is encoded,
 * which is at once.
 */
final class Call {
    static final String SYNTAX_ERROR = "ERR syntax error";
    static final String OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
    static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

    private static final byte[] OK = bytes("+OK\r\n");
    private static final byte[] NULL_BULK = bytes("$-1\r\n");
    private static final byte[] NULL = bytes("_\r\n");

    private static final Encoder<byte[]> READY =
            (bytes, out) -> out.room(bytes.length).put(bytes);
    private static final Encoder<Call> INTEGER = (call, out) -> RespOutput.integer(out, call.number);
    private static final Encoder<Call> BULK = (call, out) -> RespOutput.bulk(out, call.answer, 0, call.length);
    private static final Encoder<String> SIMPLE = (text, out) -> RespOutput.simple(out, text);
    private static final Encoder<String> ERROR = Call::writeError;

    final Store store;
    final Channels channels;
    final Set<Session> sessions = new LinkedHashSet<>();
    long commands; // so far
    RespRequest request;
    Session session;
    private Reply reply;

    private byte[] answer;
    private int length;
    private long number;
    private byte[] digits = new byte[Numbers.MOST_DIGITS];

    Call(Store store, Channels channels) {
        this.store = store;
        this.channels = channels;
    }

    void begin(RespRequest newRequest, Session newSession, Reply newReply) {
        request = newRequest;
        session = newSession;
        reply = newReply;
        commands++;
        store.begin();
    }

    void end() {
        request = null;
        session = null;
        reply = null;
        answer = null;
    }

    // ---- arguments

    int count() {
        return request.count();
    }

    /** Whether an argument is this word, in capitals or not. */
    boolean is(int argument, String word) {
        return request.is(argument, word);
    }

    /** An argument as text, each byte a character. */
    String text(int argument) {
        return new String(request.bytes(argument), StandardCharsets.ISO_8859_1);
    }

    boolean isNumber(int argument) {
        int bytes = request.length(argument);
        if (bytes > digits.length) {
            return false;
        }
        request.copy(argument, digits, 0);
        return Numbers.isNumber(digits, bytes);
    }

    /** An argument that {@link #isNumber}. */
    long number(int argument) {
        request.copy(argument, digits, 0);
        return Numbers.number(digits, request.length(argument));
    }

    // ---- answers; each call has exactly one

    void ok() {
        reply.send(OK, READY);
    }

    void integer(long value) {
        number = value;
        reply.send(this, INTEGER);
    }

    void value(Entry entry) {
        if (entry == null) {
            nothing();
        } else {
            bulk(entry.value, entry.length);
        }
    }

    void bulk(byte[] bytes, int bytesLength) {
        answer = bytes;
        length = bytesLength;
        reply.send(this, BULK);
    }

    void argument(int argument) {
        reply.send(request.argument(argument), (bytes, out) -> RespOutput.bulk(out, bytes));
    }

    void nothing() {
        reply.send(session.resp3 ? NULL : NULL_BULK, READY);
    }

    void simple(String text) {
        reply.send(text, SIMPLE);
    }

    /** An error, with what a client sent in it or without: line breaks become spaces. */
    void error(String text) {
        reply.send(text, ERROR);
    }

    /** An answer of several elements. */
    <T> void write(T message, Encoder<T> encoder) {
        reply.send(message, encoder);
    }

    // ---- elements that differ between the versions of the protocol

    static void nothing(Session session, Output out) {
        if (session.resp3) {
            RespOutput.nothing(out);
        } else {
            RespOutput.nullBulk(out);
        }
    }

    static void mapping(Session session, Output out, int pairs) {
        if (session.resp3) {
            RespOutput.mapping(out, pairs);
        } else {
            RespOutput.array(out, 2 * pairs);
        }
    }

    static void set(Session session, Output out, int elements) {
        if (session.resp3) {
            RespOutput.set(out, elements);
        } else {
            RespOutput.array(out, elements);
        }
    }

    static void bulk(Output out, String text) {
        RespOutput.bulk(out, bytes(text));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void writeError(String text, Output out) {
        out.room(1).put((byte) '-');
        byte[] bytes = bytes(text.replace('\r', ' ').replace('\n', ' '));
        out.put(ByteBuffer.wrap(bytes));
        out.room(2).put((byte) '\r').put((byte) '\n');
    }
}
