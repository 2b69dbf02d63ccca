// SPDX-License-Identifier: Apache-2.0
package dev.sluice.tls;

import static dev.sluice.tls.HandshakeTest.identity;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.prelude.ClientHello;
import dev.sluice.testing.TestCa;
import dev.sluice.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates that change while a server runs, and what is refused when one is built. */
class ReloadTest {
    private static TestCa ca;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeCa() {
        ca = TestCa.create("Test CA");
    }

    private IdentityFile write(String name, TestCertificate certificate) throws IOException {
        Path chain = folder.resolve(name + ".pem");
        Path key = folder.resolve(name + ".key");
        Files.writeString(chain, certificate.chainPem());
        Files.writeString(key, certificate.keyPem());
        return IdentityFile.pem(chain, key);
    }

    private static ClientTls client(TlsVersion version) throws TlsFileException {
        return ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .versions(version)
                .build();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void newHandshakesSeeTheNewCertificateAndOldConnectionsGoOn(TlsVersion version) throws Exception {
        TestCertificate first = ca.server("a.example");
        ServerTls tls = ServerTls.of(write("a", first));
        ClientTls client = client(version);
        EnginePair old = EnginePair.open(tls, client.engine("a.example", 443));
        assertEquals(first.chain(), TlsInfo.of(old.client).peerChain());
        TestCertificate second = ca.server("a.example");
        write("a", second);
        SSLEngine inBetween = tls.engineFor(old.hello);
        tls.reload();
        EnginePair next = EnginePair.open(tls, client.engine("a.example", 443));
        assertFalse(next.isResumed(), "a session of the certificate before");
        assertEquals(second.chain(), TlsInfo.of(next.client).peerChain());
        old.run();
        assertTrue(old.isOpen());
        assertEquals(List.of(identity(second)), tls.identities());
        assertFalse(inBetween.isOutboundDone());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void sessionsOfWhatHasStayedTheSameAreResumed(TlsVersion version) throws Exception {
        ServerTls tls = ServerTls.builder()
                .identity(write("a", ca.server("a.example")))
                .identity(write("b", ca.server("b.example")))
                .build();
        ClientTls client = client(version);
        EnginePair.open(tls, client.engine("a.example", 443));
        EnginePair.open(tls, client.engine("b.example", 443));
        write("b", ca.server("b.example"));
        tls.reload();
        assertTrue(EnginePair.open(tls, client.engine("a.example", 443)).isResumed());
        assertFalse(EnginePair.open(tls, client.engine("b.example", 443)).isResumed());
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void whenTheTrustedAuthoritiesHaveChangedNothingIsResumed(TlsVersion version) throws Exception {
        Path authorities = Files.writeString(folder.resolve("clients.pem"), ca.rootPem());
        ServerTls tls = ServerTls.builder()
                .identity(identity(ca.server("a.example")))
                .clientCertificates(ClientCertificates.REQUIRED, authorities)
                .build();
        ClientTls client = ClientTls.builder()
                .trust(List.of(ca.certificate()))
                .versions(version)
                .identity(identity(ca.client("alice")))
                .build();
        EnginePair.open(tls, client.engine("a.example", 443));
        tls.reload();
        assertTrue(EnginePair.open(tls, client.engine("a.example", 443)).isResumed());
        Files.writeString(authorities, TestCa.create("Other").rootPem());
        tls.reload();
        EnginePair refused = EnginePair.of(tls, client.engine("a.example", 443));
        assertTrue(refused.serverFailure != null, "let in");
    }

    @Test
    void ifAnythingIsWrongAllStaysAsItWas() throws Exception {
        TestCertificate certificate = ca.server("a.example");
        IdentityFile file = write("a", certificate);
        ServerTls tls = ServerTls.builder()
                .identity(file)
                .identity(write("b", ca.server("b.example")))
                .build();
        List<TlsIdentity> before = tls.identities();
        write("a", ca.server("a.example"));
        Files.writeString(folder.resolve("b.key"), ca.server("b.example").keyPem());
        TlsFileException e = assertThrows(TlsFileException.class, tls::reload);
        assertEquals(folder.resolve("b.key").toString(), e.file());
        assertEquals(before, tls.identities());
        EnginePair pair = EnginePair.open(tls, client(TlsVersion.TLS_1_3).engine("a.example", 443));
        assertEquals(certificate.chain(), TlsInfo.of(pair.client).peerChain());
    }

    @Test
    void identitiesMayBeGivenInsteadOfFiles() throws Exception {
        ServerTls tls = ServerTls.of(write("a", ca.server("a.example")));
        TlsIdentity b = identity(ca.server("b.example"));
        TlsIdentity other = identity(ca.server("other.example"));
        tls.reload(List.of(b), other);
        assertEquals(List.of(b, other), tls.identities());
        tls.reload();
        assertEquals(List.of(b, other), tls.identities());
        TlsIdentity again = identity(ca.server("b.example"));
        assertThrows(TlsFileException.class, () -> tls.reload(List.of(b, again), null));
        requireRefused("identity: none; at least one is needed, or a default one", () -> tls.reload(List.of(), null));
        tls.reload();
        assertEquals(List.of(b, other), tls.identities());
        tls.reload(List.of(again), null);
        ClientTls client = client(TlsVersion.TLS_1_3);
        assertEquals(
                again.chain(),
                TlsInfo.of(EnginePair.open(tls, client.engine("b.example", 443)).client)
                        .peerChain());
        assertThrows(TlsRefusal.class, () -> EnginePair.of(tls, client.engine("a.example", 443)));
    }

    @Test
    void aClientReloadsWhomItTrusts() throws Exception {
        Path authorities = Files.writeString(folder.resolve("ca.pem"), ca.rootPem());
        ServerTls tls =
                ServerTls.builder().identity(identity(ca.server("a.example"))).build();
        ClientTls client = ClientTls.builder().trust(authorities).build();
        EnginePair.open(tls, client.engine("a.example", 443));
        Files.writeString(authorities, "nothing");
        TlsFileException e = assertThrows(TlsFileException.class, client::reload);
        assertTrue(e.getMessage().startsWith(authorities + ": not PEM"), e::getMessage);
        EnginePair.open(tls, client.engine("a.example", 443));
        Files.writeString(authorities, TestCa.create("Test CA").rootPem());
        client.reload();
        assertTrue(EnginePair.of(tls, client.engine("a.example", 443)).clientFailure != null, "believed");
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aClientWhoseFilesHaveStayedTheSameResumesItsSessions(TlsVersion version) throws Exception {
        Path authorities = Files.writeString(folder.resolve("ca.pem"), ca.rootPem());
        ServerTls tls = ServerTls.builder()
                .identity(identity(ca.server("a.example")))
                .clientCertificates(ClientCertificates.REQUIRED, List.of(ca.certificate()))
                .build();
        ClientTls client = ClientTls.builder()
                .trust(authorities)
                .versions(version)
                .identity(write("alice", ca.client("alice")))
                .build();
        requireFirstThenResumed(tls, client);
        client.reload();
        assertTrue(EnginePair.open(tls, client.engine("a.example", 443)).isResumed(), "nothing has changed");
        TestCertificate renewed = ca.client("alice");
        write("alice", renewed);
        client.reload();
        EnginePair other = EnginePair.open(tls, client.engine("a.example", 443));
        assertFalse(other.isResumed(), "a session of the identity before");
        assertEquals(renewed.chain(), TlsInfo.of(other.server).peerChain());
        Files.writeString(authorities, ca.rootPem() + TestCa.create("Other").rootPem());
        client.reload();
        requireFirstThenResumed(tls, client);
        Files.writeString(authorities, "nothing");
        assertThrows(TlsFileException.class, client::reload);
        assertTrue(EnginePair.open(tls, client.engine("a.example", 443)).isResumed(), "all stays as it was");
    }

    private static void requireFirstThenResumed(ServerTls tls, ClientTls client) throws Exception {
        assertFalse(EnginePair.open(tls, client.engine("a.example", 443)).isResumed());
        assertTrue(EnginePair.open(tls, client.engine("a.example", 443)).isResumed());
    }

    @Test
    void theSystemsAuthoritiesAreTheSameUntilTheyChange() throws Exception {
        assertTrue(Trust.system().isSameAs(Trust.system()));
        assertFalse(Trust.system().isSameAs(Trust.of(List.of(ca.certificate()))));
        assertFalse(Trust.system().isSameAs(Trust.ANYBODY));
    }

    // ---- dates

    private static Clock at(String instant) {
        return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
    }

    @Test
    void datesAreCheckedByTheClockThatIsGiven() throws Exception {
        TestCertificate certificate = ca.certificate("a")
                .names("a.example")
                .valid(Instant.parse("2030-01-01T00:00:00Z"), Instant.parse("2030-03-01T00:00:00Z"))
                .issue();
        IdentityFile file = write("a", certificate);
        ServerTls.Builder server = ServerTls.builder().identity(file);
        ServerTls tls = server.clock(at("2030-02-01T00:00:00Z")).build();
        assertEquals(Instant.parse("2030-03-01T00:00:00Z"), tls.validUntil());
        String path = folder.resolve("a.pem").toString();
        TlsFileException early = assertThrows(TlsFileException.class, () -> server.clock(at("2029-02-01T00:00:00Z"))
                .build());
        assertEquals(
                path + ": certificate 1 (CN=a) is not valid before 2030-01-01T00:00:00Z, and now is"
                        + " 2029-02-01T00:00:00Z",
                early.getMessage());
        TlsFileException late = assertThrows(TlsFileException.class, () -> server.clock(at("2031-02-01T00:00:00Z"))
                .build());
        assertEquals(
                path + ": certificate 1 (CN=a) has expired at 2030-03-01T00:00:00Z, and now is 2031-02-01T00:00:00Z",
                late.getMessage());
        assertEquals(1, server.allowWrongDates().build().identities().size());
        ClientTls.Builder client = ClientTls.builder().insecure().identity(file).clock(at("2031-02-01T00:00:00Z"));
        assertThrows(TlsFileException.class, client::build);
        client.allowWrongDates().build();
    }

    // ---- what doesn't go together

    @Test
    void twoCertificatesForOneNameWithOneKindOfKeyAreRefused() throws Exception {
        ServerTls.Builder builder = ServerTls.builder()
                .identity(write("a", ca.server("a.example")))
                .identity(write("b", ca.server("b.example", "a.example")));
        TlsFileException e = assertThrows(TlsFileException.class, builder::build);
        assertEquals(
                folder.resolve("b.pem") + ": a certificate for a.example, which " + folder.resolve("a.pem")
                        + " is for as well, with a key of the same kind (EC)",
                e.getMessage());
    }

    @Test
    void aCertificateWithoutAHostsNameCanOnlyBeTheDefault() throws Exception {
        IdentityFile nameless = write("n", ca.certificate("n.example").issue());
        TlsFileException e = assertThrows(
                TlsFileException.class,
                () -> ServerTls.builder().identity(nameless).build());
        assertTrue(e.getMessage().startsWith(folder.resolve("n.pem") + ": no host name in its first"), e::getMessage);
        assertEquals(1, ServerTls.of(nameless).identities().size());
    }

    @Test
    void settingsOutOfRangeAreNamed() throws Exception {
        ServerTls.Builder builder = ServerTls.builder();
        requireRefused("identity: none; at least one is needed, or a default one", builder::build);
        builder.defaultIdentity(identity(ca.server("a.example")));
        requireRefused("sessions: 0 is not within 1 to 1000000", () -> builder.sessions(0, null));
        requireRefused("sessionTime: PT0S is not within PT1S to PT168H", () -> builder.sessions(1, Duration.ZERO));
        requireRefused("versions: none", builder::versions);
        requireRefused("alpn: a protocol has 1 to 255 characters of ISO 8859-1", () -> builder.alpn(""));
        requireRefused("alpn: h2 twice", () -> builder.alpn("h2", "h2"));
        requireRefused("authorities: none", () -> builder.clientCertificates(ClientCertificates.WANTED, List.of()));
        requireRefused("cipherSuites: the JDK has no TLS_X", () -> builder.cipherSuites("TLS_X")
                .build());
        requireRefused("cipherSuites: none for TLSv1.2", () -> builder.cipherSuites("TLS_AES_128_GCM_SHA256")
                .build());
        requireRefused("serverName: 10.0.0.1 is no host name", () -> ClientTls.builder()
                .serverName("10.0.0.1"));
        requireRefused("insecure: there are trusted authorities as well; leave one out", () -> ClientTls.builder()
                .insecure()
                .trust(List.of(ca.certificate()))
                .build());
    }

    private static void requireRefused(String message, Executable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }

    // ---- bounds

    @Test
    void aHundredThousandNamesLeaveNothing() throws Exception {
        ServerTls tls = ServerTls.builder()
                .defaultIdentity(identity(ca.server("a.example")))
                .build();
        long before = usedBytes();
        for (int i = 0; i < 100_000; i++) {
            tls.engineFor(new ClientHello(
                    "n" + i + ".example", List.of(), List.of(ClientHello.TLS_1_3), ClientHello.Ech.NONE, 200));
        }
        long left = usedBytes() - before;
        assertTrue(left < 2_000_000, () -> left + " bytes");
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
