// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * What stands behind a key, or in an array.
 *
 * @param raw as the parser gives it
 * @param path as in {@link ConfigError#field}
 * @param place where it stands
 * @param errors told what is wrong with it
 */
public record Value(Object raw, String path, Place place, Errors errors) {

    /**
     * The value as the reading makes it, or {@code otherwise} if that says, by an {@code IllegalArgumentException}, that it
     * can't be read.
     */
    public <T> T read(Function<Object, T> reading, T otherwise) {
        try {
            return reading.apply(raw);
        } catch (IllegalArgumentException e) {
            errors.add(place, path, e.getMessage());
            return otherwise;
        }
    }

    public boolean isTable() {
        return raw instanceof TomlTable;
    }

    /** The table that it is, or an empty one if it is none, which is noted. */
    public Fields table() {
        if (raw instanceof TomlTable table) {
            return new Fields(table, path, place, errors);
        }
        errors.add(place, path, Quoted.of(plain(raw)) + " is no table, written as [" + path + "] or { KEY = VALUE }");
        return Fields.none(path, place, errors);
    }

    /** The elements of the array that it is, or else itself alone. */
    public List<Value> elements() {
        if (!(raw instanceof TomlArray array)) {
            return List.of(this);
        }
        List<Value> elements = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            Place at = errors.behindBlanks(Place.of(array.inputPositionOf(i)));
            elements.add(new Value(array.get(i), path + "[" + i + "]", at, errors));
        }
        return elements;
    }

    /** What is told of it: arrays and tables by their kind. */
    public static Object plain(Object raw) {
        if (raw instanceof TomlTable) {
            return new StringBuilder("a table");
        }
        return raw instanceof TomlArray ? new StringBuilder("an array") : raw;
    }
}
