// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static dev.sluice.tls.HandshakeTest.identity;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.TestCa;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client may resume, and what it may not. */
class ResumptionTest {
    private static TestCa ca;
    private static TlsIdentity a;
    private static TlsIdentity wild;
    private static TlsIdentity alice;

    @BeforeAll
    static void makeIdentities() {
        ca = TestCa.create("Test CA");
        a = identity(ca.server("a.example", "127.0.0.1"));
        wild = identity(ca.server("*.example"));
        alice = identity(ca.client("alice"));
    }

    private static ClientTls.Builder client(TlsVersion version) {
        return ClientTls.builder().trust(List.of(ca.certificate())).versions(version);
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theSameNameResumes(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().defaultIdentity(a).identity(wild).build();
        ClientTls client = ClientTls.builder().insecure().versions(version).build();
        for (String host : new String[] {"a.example", "b.example", "other.test", "127.0.0.1"}) {
            EnginePair first = EnginePair.open(tls, client.engine(host, 443));
            assertFalse(first.isResumed(), host);
            for (int i = 0; i < 3; i++) {
                EnginePair next = EnginePair.open(tls, client.engine(host, 443));
                assertTrue(next.isResumed(), host);
                assertEquals(first.hello.serverName(), TlsInfo.of(next.server).serverName());
                assertEquals(TlsInfo.of(first.client), TlsInfo.of(next.client));
            }
        }
    }

    /**
     * The JDK's client names the host that its session was made for, so another name is put into its hello, and for none another
     * number for the extension. What the server makes of a session shows in its first flight; no handshake comes of it, since the
     * two have seen different hellos.
     */
    private static boolean isTakenUnder(ServerTls tls, SSLEngine client, String from, String to) throws Exception {
        EnginePair pair = EnginePair.of(tls, client, hello -> {
            String text = new String(hello, StandardCharsets.ISO_8859_1);
            int name = text.indexOf(from);
            assertTrue(name > 0);
            String head = to == null
                    ? text.substring(0, name - 9) + "\u00FE\u00FE" + text.substring(name - 7, name)
                    : text.substring(0, name);
            String changed = head + (to == null ? from : to) + text.substring(name + from.length());
            return changed.getBytes(StandardCharsets.ISO_8859_1);
        });
        assertEquals(to, pair.hello.serverName());
        assertFalse(pair.isOpen());
        return pair.isResumed();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void underAnotherNameNothingIsResumed(TlsVersion version) throws Exception {
        TlsIdentity two = identity(ca.server("one.test", "two.test", "x.example"));
        ServerTls tls = ServerTls.builder().identity(wild).defaultIdentity(two).build();
        String[][] changes = {
            {"one.test", "two.test"},
            {"one.test", "any.test"},
            {"any.test", "one.test"},
            {"any.test", "new.test"},
            {"any.test", null},
            {"one.test", null},
            {"y.example", "z.example"},
            {"y.example", "x.example"},
            {"x.example", "y.example"},
            {"x.example", null}
        };
        for (String[] change : changes) {
            ClientTls client = ClientTls.builder().insecure().versions(version).build();
            EnginePair.open(tls, client.engine(change[0], 443));
            assertTrue(EnginePair.open(tls, client.engine(change[0], 443)).isResumed());
            assertFalse(
                    isTakenUnder(tls, client.engine(change[0], 443), change[0], change[1]),
                    () -> "from " + change[0] + " to " + change[1]);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aResumedClientIsStillKnown(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder()
                .identity(a)
                .clientCertificates(ClientCertificates.REQUIRED, List.of(ca.certificate()))
                .build();
        ClientTls client = client(version).identity(alice).build();
        EnginePair.open(tls, client.engine("a.example", 443));
        EnginePair next = EnginePair.open(tls, client.engine("a.example", 443));
        assertTrue(next.isResumed());
        assertEquals(alice.chain(), TlsInfo.of(next.server).peerChain());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void twoAddressesOfOneNameResumeEachItsOwn(TlsVersion version) throws Exception {
        ServerTls one = ServerTls.builder().identity(a).build();
        ServerTls two = ServerTls.builder().identity(a).build();
        ClientTls client = client(version).serverName("a.example").build();
        assertFalse(EnginePair.open(one, client.engine("10.0.0.1", 443)).isResumed());
        assertFalse(EnginePair.open(two, client.engine("10.0.0.2", 443)).isResumed());
        assertTrue(EnginePair.open(one, client.engine("10.0.0.1", 443)).isResumed());
        assertTrue(EnginePair.open(two, client.engine("10.0.0.2", 443)).isResumed());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aSessionEndsWithItsTime(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder()
                .identity(a)
                .sessions(10, Duration.ofHours(2))
                .build();
        EnginePair pair = EnginePair.open(tls, client(version).build().engine("a.example", 443));
        assertEquals(7200, pair.server.getSession().getSessionContext().getSessionTimeout());
        assertEquals(10, pair.server.getSession().getSessionContext().getSessionCacheSize());
    }
}
