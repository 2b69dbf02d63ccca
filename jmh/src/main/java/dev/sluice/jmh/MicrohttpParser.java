// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import org.microhttp.Request;

/**
 * The parser of microhttp, which its event loop keeps to itself. The handles are constants, so a compiled call through
 * them is what a call in its own package is.
 */
final class MicrohttpParser {
    private static final MethodHandle NEW_TOKENIZER;
    private static final MethodHandle ADD;
    private static final MethodHandle REMAINING;
    private static final MethodHandle COMPACT;
    private static final MethodHandle NEW_PARSER;
    private static final MethodHandle PARSE;
    private static final MethodHandle REQUEST;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Request.class, MethodHandles.lookup());
            Class<?> tokenizer = lookup.findClass("org.microhttp.ByteTokenizer");
            Class<?> parser = lookup.findClass("org.microhttp.RequestParser");
            MethodType none = MethodType.methodType(void.class);
            NEW_TOKENIZER = generic(lookup.findConstructor(tokenizer, none), Object.class);
            ADD = generic(
                    lookup.findVirtual(tokenizer, "add", MethodType.methodType(void.class, ByteBuffer.class)),
                    void.class,
                    Object.class,
                    ByteBuffer.class);
            REMAINING = generic(
                    lookup.findVirtual(tokenizer, "remaining", MethodType.methodType(int.class)),
                    int.class,
                    Object.class);
            COMPACT = generic(lookup.findVirtual(tokenizer, "compact", none), void.class, Object.class);
            NEW_PARSER = generic(
                    lookup.findConstructor(parser, MethodType.methodType(void.class, tokenizer)),
                    Object.class,
                    Object.class);
            PARSE = generic(
                    lookup.findVirtual(parser, "parse", MethodType.methodType(boolean.class)),
                    boolean.class,
                    Object.class);
            REQUEST = generic(
                    lookup.findVirtual(parser, "request", MethodType.methodType(Request.class)),
                    Request.class,
                    Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Object tokenizer;
    private Object parser;

    MicrohttpParser() {
        try {
            tokenizer = (Object) NEW_TOKENIZER.invokeExact();
            parser = (Object) NEW_PARSER.invokeExact(tokenizer);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes what has arrived, from position to limit. */
    void add(ByteBuffer in) {
        try {
            ADD.invokeExact(tokenizer, in);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next request, or null. */
    Request next() {
        try {
            if ((int) REMAINING.invokeExact(tokenizer) == 0 || !(boolean) PARSE.invokeExact(parser)) {
                return null;
            }
            Request request = (Request) REQUEST.invokeExact(parser);
            COMPACT.invokeExact(tokenizer);
            parser = (Object) NEW_PARSER.invokeExact(tokenizer);
            return request;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle generic(MethodHandle handle, Class<?> result, Class<?>... parameters) {
        return handle.asType(MethodType.methodType(result, parameters));
    }
}
