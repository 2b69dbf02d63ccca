// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A group's results, as they are kept in a file. */
record Report(String group, About about, List<Row> rows) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    void save(Path directory) throws IOException {
        Files.writeString(file(directory, group), JSON.writeValueAsString(this) + "\n");
    }

    /** Reads the last results of a group, if there are any. */
    static Optional<Report> load(Path directory, String group) throws IOException {
        Path file = file(directory, group);
        return Files.exists(file)
                ? Optional.of(JSON.readValue(Files.readString(file), Report.class))
                : Optional.empty();
    }

    private static Path file(Path directory, String group) {
        return directory.resolve(group + ".json");
    }
}
