// SPDX-License-Identifier: Apache-2.0
package dev.sluice.loop;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/** The machine's own sockets and selectors, for tests that replace one kind of them. */
public abstract class MachineProvider extends SelectorProvider {
    private final SelectorProvider machine = SelectorProvider.provider();

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return machine.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return machine.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return machine.openPipe();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return machine.openSelector();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return machine.openServerSocketChannel();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        return machine.openServerSocketChannel(family);
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return machine.openSocketChannel();
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        return machine.openSocketChannel(family);
    }
}
