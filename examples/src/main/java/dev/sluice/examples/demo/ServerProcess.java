// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.demo;

import dev.sluice.examples.launcher.ChildProcess;
import dev.sluice.examples.launcher.TopologyName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** A child process that runs {@link DemoServerCommand}. */
final class ServerProcess implements AutoCloseable {
    private final ChildProcess process;
    private final InetSocketAddress address;

    private ServerProcess(ChildProcess process) throws IOException, InterruptedException {
        this.process = process;
        String line = process.answer();
        this.address = new InetSocketAddress("127.0.0.1", Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)));
    }

    /** Starts a server on a free port. */
    static ServerProcess start(TopologyName topology, int readers, int connections)
            throws IOException, InterruptedException {
        ChildProcess process = ChildProcess.start(
                "the demo's server",
                List.of(
                        "demo-server",
                        "--topology",
                        topology.toString(),
                        "--readers",
                        String.valueOf(readers),
                        "--max-connections",
                        String.valueOf(connections)));
        try {
            return new ServerProcess(process);
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    DemoServerCommand.Figures measure() throws IOException, InterruptedException {
        return DemoServerCommand.Figures.parse(process.ask("measure"));
    }

    /** Stops the server. */
    @Override
    public void close() throws IOException {
        process.close();
    }
}
