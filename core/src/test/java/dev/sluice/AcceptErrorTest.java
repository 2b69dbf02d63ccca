// SPDX-License-Identifier: Apache-2.0
package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptErrorTest {

    @ParameterizedTest
    @CsvSource({
        "Too many open files, DESCRIPTORS_OF_PROCESS",
        "No file descriptors available, DESCRIPTORS_OF_PROCESS",
        "Too many open files in system, DESCRIPTORS_OF_SYSTEM",
        "No buffer space available, MEMORY",
        "Cannot allocate memory, MEMORY",
        "Software caused connection abort, CONNECTION",
        "Protocol error, CONNECTION",
        "No route to host, CONNECTION",
        "Operation not permitted, FORBIDDEN",
        "Permission denied, FORBIDDEN",
        "Zu viele offene Dateien, UNKNOWN",
        "Unknown error 1042, UNKNOWN"
    })
    void errorsAreToldApartByTheTextsOfTheCLibrary(String text, AcceptError error) {
        assertEquals(error, AcceptError.of(new IOException(text)));
    }

    @Test
    void anErrorWithoutTextIsUnknown() {
        assertEquals(AcceptError.UNKNOWN, AcceptError.of(new IOException()));
    }
}
