// SPDX-License-Identifier: Apache-2.0
package dev.sluice.resp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A value of which parts have arrived and others are to come, inside of others like it. */
final class OpenValue {
    final OpenValue outer;
    final RespType type;
    private final List<RespValue> elements = new ArrayList<>();
    private final ByteArrayOutputStream chunks;
    private int missing; // elements to come, -1 if that is left open

    private OpenValue(OpenValue outer, RespType type, int missing) {
        this.outer = outer;
        this.type = type;
        this.missing = missing;
        this.chunks = type == RespType.BULK ? new ByteArrayOutputStream() : null;
    }

    /** A value of so many elements, 1 or more. */
    static OpenValue counted(OpenValue outer, RespType type, int elements) {
        return new OpenValue(outer, type, elements);
    }

    /** A value that goes on until its end is told. */
    static OpenValue streamed(OpenValue outer, RespType type) {
        return new OpenValue(outer, type, -1);
    }

    boolean isStreamed() {
        return missing < 0;
    }

    /** Whether its end may come now: a mapping's must not come behind a key. */
    boolean mayEnd() {
        return isStreamed() && chunks == null && (type != RespType.MAPPING || elements.size() % 2 == 0);
    }

    /** Adds an element, and returns whether it was the last. */
    boolean add(RespValue element) {
        elements.add(element);
        return !isStreamed() && --missing == 0;
    }

    void addChunk(byte[] bytes) {
        chunks.write(bytes, 0, bytes.length);
    }

    RespValue value() {
        return chunks != null ? new RespValue.Bulk(ByteBuffer.wrap(chunks.toByteArray())) : of(type, elements);
    }

    /** A value of elements that are all there. */
    static RespValue of(RespType type, List<RespValue> elements) {
        return switch (type) {
            case ARRAY -> new RespValue.Array(elements);
            case SET -> new RespValue.SetOf(elements);
            case PUSH -> new RespValue.Push(elements);
            case MAPPING -> new RespValue.Mapping(entries(elements));
            case ATTRIBUTED ->
                new RespValue.Attributed(
                        entries(elements.subList(0, elements.size() - 1)), elements.get(elements.size() - 1));
            default -> throw new AssertionError(type);
        };
    }

    private static List<RespValue.Entry> entries(List<RespValue> elements) {
        List<RespValue.Entry> entries = new ArrayList<>(elements.size() / 2);
        for (int i = 0; i < elements.size(); i += 2) {
            entries.add(new RespValue.Entry(elements.get(i), elements.get(i + 1)));
        }
        return entries;
    }
}
