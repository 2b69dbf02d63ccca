// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.examples.programs.Program.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An nginx with TLS and a certificate of its own, which answers with its name, or with files of its directory. */
final class TlsNginx implements AutoCloseable {
    final String name;
    final int port;
    final Path home;
    private final Nginx nginx;

    private TlsNginx(String name, Path home, Nginx nginx) {
        this.name = name;
        this.home = home;
        this.nginx = nginx;
        this.port = nginx.port;
    }

    /** Starts one for this host. Skips the test, and says so, if nginx or OpenSSL isn't there. */
    static TlsNginx start(Path directory, String name) throws Exception {
        return start(directory, name, "");
    }

    /** Starts one whose directive {@code listen} has more words. */
    static TlsNginx start(Path directory, String name, String listenMore) throws Exception {
        Nginx.installed();
        Path home = Files.createDirectory(directory.resolve(name));
        Said made = Program.run(
                openssl(),
                List.of(("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name
                                + " -addext subjectAltName=DNS:" + name + " -keyout " + home + "/key.pem -out " + home
                                + "/cert.pem")
                        .split(" ")));
        assertEquals(0, made.status(), made::toString);
        int port = Program.freePort();
        String site = String.join(
                "\n",
                "server {",
                "listen 127.0.0.1:" + port + " ssl" + listenMore + ";",
                "ssl_protocols TLSv1.2 TLSv1.3;",
                "ssl_certificate " + home + "/cert.pem;",
                "ssl_certificate_key " + home + "/key.pem;",
                "location / { return 200 " + name + "; }",
                "location /large { root " + home + "; }",
                "}");
        return new TlsNginx(name, home, Nginx.start(home, site, port));
    }

    /** Where OpenSSL's program is. Skips the test, and says so, if it isn't there. */
    static String openssl() {
        return Program.installed("openssl", "openssl");
    }

    String certificate() {
        return home.resolve("cert.pem").toString();
    }

    /** What curl says that asks at a port of this machine for this host, and trusts this one's certificate only. */
    Said curl(int atPort, String host, String target, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("--disable", "--silent", "--show-error", "--max-time", "60", "--cacert", certificate()));
        arguments.addAll(List.of("--resolve", host + ":" + atPort + ":127.0.0.1"));
        arguments.addAll(List.of(more));
        arguments.add("https://" + host + ":" + atPort + target);
        return Program.run(Program.installed("curl", "curl"), arguments);
    }

    /** What {@code openssl s_client} says that connects to a port of this machine, and has nothing to send. */
    static Said connect(int atPort, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("s_client", "-connect", "127.0.0.1:" + atPort));
        arguments.addAll(List.of(more));
        return Program.run(openssl(), arguments);
    }

    @Override
    public void close() {
        nginx.close();
    }

    @Override
    public String toString() {
        return nginx.toString();
    }
}
