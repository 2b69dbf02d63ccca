// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.proxy;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiFunction;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/** A file that a configuration is read from: TOML 1.0, at most 1 MiB. */
public final class TomlFile {
    private static final int LONGEST = 1 << 20;
    private static final String TWICE = "previously defined";

    private TomlFile() {}

    /**
     * Reads a file.
     *
     * @param reading makes a configuration of the file's tables, and notes what is wrong
     * @throws ConfigException if it is wrong, with all that is
     * @throws IOException if it can't be read
     */
    public static <C> C read(Path file, BiFunction<Fields, Errors, C> reading) throws ConfigException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("there is no file " + file);
        }
        if (Files.size(file) > LONGEST) {
            throw new IOException(file + " is larger than 1 MiB: this is no configuration");
        }
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), reading);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is no text in UTF-8", e);
        }
    }

    /**
     * Reads a file's text. While it is no TOML, only that is told; keys and tables that are there twice are told together with
     * all else.
     *
     * @param reading makes a configuration of the file's tables, and notes what is wrong
     * @throws ConfigException if it is wrong, with all that is
     */
    public static <C> C parse(String text, BiFunction<Fields, Errors, C> reading) throws ConfigException {
        Errors errors = new Errors(text);
        TomlParseResult toml = toml(text, errors);
        boolean onlyTwice = true;
        for (TomlParseError error : toml.errors()) {
            errors.add(Place.of(error.position()), "", Quoted.line(error.getMessage()));
            onlyTwice &= error.getMessage().contains(TWICE);
            errors.ignoreBehindHeader(Place.of(error.position()));
        }
        if (!onlyTwice) {
            errors.throwIfAny();
        }
        C config = reading.apply(new Fields(toml, "", Place.START, errors), errors);
        errors.throwIfAny();
        return config;
    }

    // The parser calls itself for each bracket; and where a string has an unfinished escape, it fails instead of saying
    // so.
    private static TomlParseResult toml(String text, Errors errors) throws ConfigException {
        try {
            return Toml.parse(text);
        } catch (StackOverflowError e) {
            errors.add(Place.START, "", "arrays or tables are nested too deeply");
        } catch (RuntimeException | AssertionError e) {
            errors.add(new Place(firstUnreadable(text), 1), "", "this line can't be read: quotes or escapes are wrong");
        }
        errors.throwIfAny();
        throw new AssertionError("there are errors");
    }

    private static int firstUnreadable(String text) {
        int line = 1;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1), line++) {
            try {
                Toml.parse(text.substring(0, end + 1));
            } catch (RuntimeException | AssertionError e) {
                return line;
            }
        }
        return line;
    }
}
