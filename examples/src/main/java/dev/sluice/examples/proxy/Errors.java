// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/** Gathers what is wrong with a file, whose text it has for the places. */
public final class Errors {
    private final String text;
    private final List<ConfigError> errors = new ArrayList<>();
    private final BitSet ignored = new BitSet(); // lines

    public Errors(String text) {
        this.text = text;
    }

    public void add(Place place, String field, String problem) {
        if (ignored.get(place.line())) {
            return;
        }
        errors.add(new ConfigError(place.line(), place.column(), field, problem));
    }

    /** The place of an array's element; the parser says where the blanks in front of it begin. */
    public Place behindBlanks(Place place) {
        return place.behindBlanks(text);
    }

    /**
     * If a table's header is at that place, what is told of the lines behind it is ignored, up to the next header: the parser
     * has put their keys into the table before.
     */
    public void ignoreBehindHeader(Place place) {
        List<String> lines = text.lines().toList();
        if (place.line() > lines.size()
                || !lines.get(place.line() - 1).stripLeading().startsWith("[")) {
            return;
        }
        for (int i = place.line();
                i < lines.size() && !lines.get(i).stripLeading().startsWith("[");
                i++) {
            ignored.set(i + 1);
        }
    }

    public int size() {
        return errors.size();
    }

    public void throwIfAny() throws ConfigException {
        if (!errors.isEmpty()) {
            List<ConfigError> sorted = new ArrayList<>(errors);
            sorted.sort(Comparator.comparingInt(ConfigError::line).thenComparingInt(ConfigError::column));
            throw new ConfigException(sorted);
        }
    }
}
