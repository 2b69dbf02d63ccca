// SPDX-License-Identifier: Apache-2.0
package dev.sluice.prelude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpNetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "0.0.0.0/0, 255.1.2.3, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 192.0.2.1, false",
        "::/0, ::ffff:192.0.2.1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "2001:db8:8000::/33, 2001:db8:8000::1, true",
        "2001:db8:8000::/33, 2001:db8:7fff::1, false",
        "::1, ::1, true",
        "127.0.0.0/8, ::ffff:127.0.0.1, true",
    })
    void addressesAreInTheirNetworks(String network, String address, boolean is) throws Exception {
        assertEquals(is, IpNetwork.parse(network).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "10.0.0.1/8",
                "10.0.0/8",
                "localhost",
                "example.org/8",
                "::/129",
                "2001:db8::1/32",
                "fe80::1%lo",
                "[::1]",
                " 10.0.0.0/8",
            })
    void nothingElseIsANetwork(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpNetwork.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1/128", "0.0.0.0/0"})
    void itsTextIsReadAsTheSame(String text) {
        IpNetwork network = IpNetwork.parse(text);
        assertEquals(text, network.toString());
        assertEquals(network, IpNetwork.parse(network.toString()));
        assertEquals(network.hashCode(), IpNetwork.parse(text).hashCode());
    }

    /** RFC 5952, sections 4 and 5. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:0DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "192.0.2.1, 192.0.2.1",
    })
    void addressesAreWrittenAsPeopleWriteThem(String address, String text) throws Exception {
        assertEquals(text, IpText.text(InetAddress.getByName(address)));
    }

    @Test
    void aZoneIsKept() throws Exception {
        byte[] local = InetAddress.getByName("fe80::1").getAddress();
        assertEquals("fe80::1%3", IpText.text(Inet6Address.getByAddress(null, local, 3)));
    }
}
