// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlTable;

/** A table of the file. It gives its values, notes what is wrong with them, and at the {@link #end} which keys nobody knows. */
public final class Fields {
    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");

    private final TomlTable table;
    private final String path;
    private final Place place;
    private final Errors errors;
    private final Set<String> asked = new LinkedHashSet<>();

    public Fields(TomlTable table, String path, Place place, Errors errors) {
        this.table = table;
        this.path = path;
        this.place = place;
        this.errors = errors;
    }

    /** A table with nothing in it. */
    public static Fields none(String path, Place place, Errors errors) {
        return new Fields(Toml.parse(""), path, place, errors);
    }

    public Place place() {
        return place;
    }

    public String path() {
        return path;
    }

    public boolean has(String key) {
        return table.contains(List.of(key));
    }

    /** Notes that something is wrong with the value of that key, or with the table if it has none. */
    public void wrong(String key, String problem) {
        errors.add(has(key) ? placeOf(key) : place, pathOf(key), problem);
    }

    /** Notes that something is wrong with the table. */
    public void wrong(String problem) {
        errors.add(place, path, problem);
    }

    /** The value of a key as the reading makes it, or {@code otherwise} if there is none that can be read. */
    public <T> T get(String key, Function<Object, T> reading, T otherwise) {
        asked.add(key);
        return has(key) ? value(key).read(reading, otherwise) : otherwise;
    }

    /** The value of a key that must be there, or null if there is none that can be read, which is noted. */
    public <T> T require(String key, Function<Object, T> reading, String what) {
        asked.add(key);
        if (!has(key)) {
            wrong(key, "missing; " + what);
            return null;
        }
        return value(key).read(reading, null);
    }

    /** The values of a key that has one or an array of them; those that can't be read are left out, and noted. */
    public <T> List<T> list(String key, Function<Object, T> reading) {
        List<T> list = new ArrayList<>();
        for (Value value : values(key)) {
            T read = value.read(reading, null);
            if (read != null) {
                list.add(read);
            }
        }
        return list;
    }

    /** The same unread. */
    public List<Value> values(String key) {
        asked.add(key);
        if (!has(key)) {
            return List.of();
        }
        List<Value> values = value(key).elements();
        if (values.isEmpty()) {
            wrong(key, "the array is empty; leave the key out, or name at least one");
        }
        return values;
    }

    /** The table of a key, an empty one if there is none. */
    public Fields table(String key) {
        asked.add(key);
        return has(key) ? value(key).table() : none(pathOf(key), place, errors);
    }

    /** The tables that stand in the table of a key, by their names, in the order of the file. */
    public Map<String, Fields> named(String key) {
        Map<String, Fields> named = new LinkedHashMap<>();
        Fields tables = table(key);
        for (String name : tables.table.keySet()) {
            named.put(name, tables.value(name).table());
        }
        return named;
    }

    /** The tables of a key that is written as {@code [[KEY]]}. */
    public List<Fields> tables(String key) {
        asked.add(key);
        return has(key) ? value(key).elements().stream().map(Value::table).toList() : List.of();
    }

    /** Notes the keys that nobody has asked for. */
    public void end() {
        for (String key : table.keySet()) {
            if (!asked.contains(key)) {
                String meant = Nearest.to(key, asked)
                        .map(known -> "did you mean " + known + "?")
                        .orElse("there are " + String.join(", ", asked));
                wrong(key, "there is no such key; " + meant);
            }
        }
    }

    private Value value(String key) {
        return new Value(table.get(List.of(key)), pathOf(key), placeOf(key), errors);
    }

    private Place placeOf(String key) {
        return Place.of(table.inputPositionOf(List.of(key)));
    }

    private String pathOf(String key) {
        String shown = BARE.matcher(key).matches() ? key : Quoted.of(key);
        return path.isEmpty() ? shown : path + "." + shown;
    }
}
