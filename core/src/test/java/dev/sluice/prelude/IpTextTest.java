// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses are read without asking for names. */
class IpTextTest {
    @ParameterizedTest
    @CsvSource({"127.0.0.2,127.0.0.2", "2001:DB8:0::7,2001:db8::7", "::,::", "::ffff:192.0.2.1,192.0.2.1"})
    void addressesAreRead(String text, String again) {
        assertEquals(again, IpText.text(IpText.parse(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "127.1",
                "1",
                "0127.0.0.1",
                "::1%lo",
                "[::1]",
                "1::2::3",
                "127.0.0.1 ",
                "\u0661.0.0.1"
            })
    void whatIsNoAddressIsNone(String text) {
        assertNull(IpText.parse(text));
    }
}
