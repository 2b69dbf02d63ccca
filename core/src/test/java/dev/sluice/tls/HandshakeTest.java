// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handshakes in memory: names, ALPN, clients' certificates, trust. */
class HandshakeTest {
    private static TestCa ca;
    private static TlsIdentity a;
    private static TlsIdentity wild;
    private static TlsIdentity other;
    private static ServerTls named;

    @BeforeAll
    static void makeIdentities() throws Exception {
        ca = TestCa.create("Test CA");
        a = identity(ca.server("a.example"));
        wild = identity(ca.server("*.example"));
        other = identity(ca.server("other.test", "127.0.0.1"));
        named = ServerTls.builder().identity(a).identity(wild).build();
    }

    static TlsIdentity identity(TestCertificate certificate) {
        return TlsIdentity.of(certificate.key(), certificate.chain());
    }

    private static ClientTls.Builder client(TlsVersion version) {
        return ClientTls.builder().trust(List.of(ca.certificate())).versions(version);
    }

    private static void requireServed(TlsIdentity identity, EnginePair pair) {
        assertEquals(identity.chain().get(0), TlsInfo.of(pair.client).peer());
    }

    // ---- names

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theExactNameIsBeforeTheWildcardAndThatBeforeTheDefault(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder()
                .identity(wild)
                .identity(a)
                .defaultIdentity(other)
                .build();
        ClientTls client = client(version).build();
        requireServed(a, EnginePair.open(tls, client.engine("a.example", 443)));
        requireServed(a, EnginePair.open(tls, client.engine("A.Example", 443)));
        requireServed(wild, EnginePair.open(tls, client.engine("b.example", 443)));
        requireServed(other, EnginePair.open(tls, client.engine("other.test", 443)));
        requireServed(other, EnginePair.open(tls, client.engine("127.0.0.1", 443)));
        ClientTls insecure = ClientTls.builder().insecure().versions(version).build();
        requireServed(other, EnginePair.open(tls, insecure.engine("a.b.example", 443)));
        requireServed(other, EnginePair.open(tls, insecure.engine("example", 443)));
    }

    @Test
    void anUnknownNameAndNoneAreRefusedWithoutADefault() throws Exception {
        ClientTls client = ClientTls.builder().insecure().build();
        TlsRefusal unknown =
                assertThrows(TlsRefusal.class, () -> EnginePair.of(named, client.engine("a.b.example", 443)));
        assertEquals(112, unknown.alert());
        assertEquals("no certificate for a.b.example", unknown.getMessage());
        TlsRefusal none = assertThrows(TlsRefusal.class, () -> EnginePair.of(named, client.engine("127.0.0.1", 443)));
        assertEquals(112, none.alert());
        assertEquals("no name is asked for", none.getMessage());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theDefaultIsServedByItsOwnNamesBeforeAWildcard(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().identity(wild).defaultIdentity(a).build();
        ClientTls client = client(version).build();
        requireServed(a, EnginePair.open(tls, client.engine("a.example", 443)));
        requireServed(wild, EnginePair.open(tls, client.engine("b.example", 443)));
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theClientsOfferDecidesBetweenKindsOfKeys(TlsVersion version) throws Exception {
        TlsIdentity rsa = identity(
                ca.certificate("rsa").names("a.example").key(TestCa.Key.RSA).issue());
        ServerTls tls = ServerTls.builder().identity(rsa).identity(a).build();
        requireServed(a, EnginePair.open(tls, client(version).build().engine("a.example", 443)));
        if (version == TlsVersion.TLS_1_2) {
            ClientTls onlyRsa = client(version)
                    .cipherSuites("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                    .build();
            requireServed(rsa, EnginePair.open(tls, onlyRsa.engine("a.example", 443)));
        }
    }

    @ParameterizedTest
    @EnumSource(TestCa.Key.class)
    void eachKindOfKeyShakesHands(TestCa.Key kind) throws Exception {
        TestCertificate certificate =
                ca.certificate("k").names("k.example").key(kind).issue();
        if (kind == TestCa.Key.RSA_SHORT) {
            assertThrows(IllegalArgumentException.class, () -> identity(certificate));
            return;
        }
        ServerTls tls = ServerTls.builder().identity(identity(certificate)).build();
        for (TlsVersion version : TlsVersion.values()) {
            EnginePair.open(tls, client(version).build().engine("k.example", 443));
        }
    }

    @Test
    void aChainWithAnIntermediateIsSent() throws Exception {
        TlsIdentity below = identity(ca.intermediate("Below").server("deep.example"));
        assertEquals(2, below.chain().size());
        ServerTls tls = ServerTls.builder().identity(below).build();
        EnginePair pair =
                EnginePair.open(tls, client(TlsVersion.TLS_1_3).build().engine("deep.example", 443));
        assertEquals(below.chain(), TlsInfo.of(pair.client).peerChain());
    }

    // ---- what a handler learns

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void bothSidesLearnWhatWasAgreedOn(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().identity(a).alpn("h2", "http/1.1").build();
        EnginePair pair =
                EnginePair.open(tls, client(version).alpn("http/1.1").build().engine("A.example", 443));
        for (SSLEngine engine : new SSLEngine[] {pair.client, pair.server}) {
            TlsInfo info = TlsInfo.of(engine);
            assertEquals(version.jdkName(), info.version());
            assertEquals("http/1.1", info.protocol());
            assertEquals("a.example", info.serverName());
            assertTrue(info.cipherSuite().contains("_GCM_"), info::cipherSuite);
        }
        assertEquals(List.of(), TlsInfo.of(pair.server).peerChain());
        assertNull(TlsInfo.of(pair.server).peer());
        assertEquals(a.chain(), TlsInfo.of(pair.client).peerChain());
        assertTrue(TlsInfo.of(pair.client).toString().endsWith("peer CN=a.example"));
    }

    @Test
    void beforeTheHandshakeThereIsNothingToLearn() throws Exception {
        SSLEngine engine = client(TlsVersion.TLS_1_3).build().engine("a.example", 443);
        assertThrows(IllegalStateException.class, () -> TlsInfo.of(engine));
    }

    // ---- ALPN

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theServersOrderOfProtocolsDecides(TlsVersion version) throws Exception {
        ServerTls tls =
                ServerTls.builder().identity(a).alpn("x", "h2", "http/1.1").build();
        EnginePair pair = EnginePair.open(
                tls, client(version).alpn("http/1.1", "h2").build().engine("a.example", 443));
        assertEquals("h2", TlsInfo.of(pair.server).protocol());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void withoutAnOverlapOfProtocolsTheClientIsTold(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().identity(a).alpn("h2").build();
        EnginePair pair =
                EnginePair.of(tls, client(version).alpn("http/1.1").build().engine("a.example", 443));
        assertTrue(pair.clientFailure.getMessage().contains("no_application_protocol"), pair.clientFailure::toString);
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void whereOneSideHasNoProtocolsNoneIsAgreedOn(TlsVersion version) throws Exception {
        ServerTls with = ServerTls.builder().identity(a).alpn("h2").build();
        EnginePair first = EnginePair.open(with, client(version).build().engine("a.example", 443));
        assertNull(TlsInfo.of(first.server).protocol());
        EnginePair second =
                EnginePair.open(named, client(version).alpn("h2").build().engine("a.example", 443));
        assertNull(TlsInfo.of(second.client).protocol());
    }

    // ---- versions and cipher suites

    @Test
    void aVersionThatIsNotSpokenIsRefused() throws Exception {
        ServerTls only13 =
                ServerTls.builder().identity(a).versions(TlsVersion.TLS_1_3).build();
        EnginePair pair =
                EnginePair.of(only13, client(TlsVersion.TLS_1_2).build().engine("a.example", 443));
        assertTrue(pair.clientFailure.getMessage().contains("protocol_version"), pair.clientFailure::toString);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"EC", "RSA"},
            value = TestCa.Key.class)
    void cbcAndKeysWithoutForwardSecrecyAreSpokenOnlyIfTold(TestCa.Key kind) throws Exception {
        TlsIdentity identity =
                identity(ca.certificate("k").names("a.example").key(kind).issue());
        String suite = kind == TestCa.Key.EC
                ? "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"
                : "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256";
        ClientTls client = client(TlsVersion.TLS_1_2).cipherSuites(suite).build();
        ServerTls byDefault = ServerTls.builder().identity(identity).build();
        EnginePair refused = EnginePair.of(byDefault, client.engine("a.example", 443));
        assertTrue(refused.clientFailure.getMessage().contains("handshake_failure"), refused.clientFailure::toString);
        ServerTls told = ServerTls.builder()
                .identity(identity)
                .versions(TlsVersion.TLS_1_2)
                .cipherSuites(suite)
                .build();
        EnginePair pair = EnginePair.open(told, client.engine("a.example", 443));
        assertEquals(suite, TlsInfo.of(pair.server).cipherSuite());
        for (String enabled : byDefault.engineFor(pair.hello).getEnabledCipherSuites()) {
            assertFalse(enabled.contains("_CBC_") || enabled.startsWith("TLS_RSA_"), enabled);
        }
    }

    // ---- clients' certificates

    private static ServerTls asking(ClientCertificates whether) throws Exception {
        return ServerTls.builder()
                .identity(a)
                .clientCertificates(whether, List.of(ca.certificate()))
                .build();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aClientsChainIsGiven(TlsVersion version) throws Exception {
        TlsIdentity alice = identity(ca.intermediate("People").client("alice"));
        for (ClientCertificates whether :
                new ClientCertificates[] {ClientCertificates.WANTED, ClientCertificates.REQUIRED}) {
            EnginePair pair = EnginePair.open(
                    asking(whether), client(version).identity(alice).build().engine("a.example", 443));
            assertEquals(alice.chain(), TlsInfo.of(pair.server).peerChain());
        }
        EnginePair notAsked =
                EnginePair.open(named, client(version).identity(alice).build().engine("a.example", 443));
        assertNull(TlsInfo.of(notAsked.server).peer());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aClientWithoutACertificateIsRefusedOnlyIfItIsRequired(TlsVersion version) throws Exception {
        ClientTls client = client(version).build();
        EnginePair wanted = EnginePair.open(asking(ClientCertificates.WANTED), client.engine("a.example", 443));
        assertNull(TlsInfo.of(wanted.server).peer());
        EnginePair required = EnginePair.of(asking(ClientCertificates.REQUIRED), client.engine("a.example", 443));
        assertTrue(required.serverFailure != null, "let in");
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aClientsCertificateOfAnotherAuthorityOrForAnotherUseIsRefused(TlsVersion version) throws Exception {
        TlsIdentity stranger = identity(TestCa.create("Test CA").client("alice"));
        for (TlsIdentity wrong : new TlsIdentity[] {stranger, other}) {
            for (ClientCertificates whether :
                    new ClientCertificates[] {ClientCertificates.WANTED, ClientCertificates.REQUIRED}) {
                EnginePair pair = EnginePair.of(
                        asking(whether), client(version).identity(wrong).build().engine("a.example", 443));
                assertTrue(pair.serverFailure != null, "let in");
            }
        }
    }

    // ---- whom a client believes

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aServerOfAnotherNameIsRefused(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().defaultIdentity(a).build();
        EnginePair pair = EnginePair.of(tls, client(version).build().engine("b.test", 443));
        assertTrue(pair.clientFailure != null, "believed");
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aServerOfAnotherAuthorityIsRefusedUnlessInsecure(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(identity(TestCa.create("Test CA").server("a.example")))
                .build();
        assertTrue(
                EnginePair.of(tls, client(version).build().engine("a.example", 443)).clientFailure != null, "believed");
        ClientTls system = ClientTls.builder().versions(version).build();
        assertTrue(EnginePair.of(tls, system.engine("a.example", 443)).clientFailure != null, "believed");
        ClientTls insecure = ClientTls.builder().versions(version).insecure().build();
        EnginePair.open(tls, insecure.engine("b.test", 443));
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void theNameMayDifferFromTheAddress(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().identity(a).defaultIdentity(other).build();
        ClientTls client = client(version).serverName("a.example").build();
        EnginePair pair = EnginePair.open(tls, client.engine("127.0.0.1", 443));
        assertEquals("a.example", TlsInfo.of(pair.server).serverName());
    }

    /** The JDK alone would take a certificate for either. */
    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aCertificateForTheAddressDoesNotCountIfThereIsAName(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder().defaultIdentity(other).build();
        EnginePair.open(tls, client(version).build().engine("127.0.0.1", 443));
        ClientTls client = client(version).serverName("b.test").build();
        assertTrue(EnginePair.of(tls, client.engine("127.0.0.1", 443)).clientFailure != null, "believed");
        assertTrue(EnginePair.of(tls, client.engine("other.test", 443)).clientFailure != null, "believed");
    }

    @Test
    void namesThatTheJdkWouldNotSendAreSent() throws Exception {
        ServerTls tls = ServerTls.builder().defaultIdentity(a).build();
        ClientTls insecure = ClientTls.builder().insecure().build();
        for (String host : new String[] {"localhost", "a.example."}) {
            EnginePair pair = EnginePair.open(tls, insecure.engine(host, 443));
            assertEquals(host.equals("a.example.") ? "a.example" : host, pair.hello.serverName());
        }
        for (String address : new String[] {"127.0.0.1", "::1", "fe80::1%eth0"}) {
            assertNull(EnginePair.open(tls, insecure.engine(address, 443)).hello.serverName());
        }
        // The JDK's server takes none with underscores, but others do.
        EnginePair odd = EnginePair.of(tls, insecure.engine("my_backend", 443));
        assertEquals("my_backend", odd.hello.serverName());
        assertTrue(odd.clientFailure.getMessage().contains("illegal_parameter"), odd.clientFailure::toString);
    }
}
