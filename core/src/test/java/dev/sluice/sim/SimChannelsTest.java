// SPDX-License-Identifier: Apache-2.0
package dev.sluice.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.junit.jupiter.api.Test;

/** Where the simulated channels are not the JDK's: what they refuse, and in which words. */
class SimChannelsTest {
    private final SelectorProvider provider = TestNetwork.provider();

    @Test
    void aRealChannelIsRefusedInOneLine() throws IOException {
        try (SocketChannel real = SelectorProvider.provider().openSocketChannel();
                Selector selector = provider.openSelector()) {
            real.configureBlocking(false);
            Exception e = assertThrows(
                    IllegalSelectorException.class, () -> real.register(selector, SelectionKey.OP_CONNECT));
            assertTrue(e.getMessage().contains("can't be registered with a selector of this simulation"));
            assertFalse(e.getMessage().contains("\n"));
        }
    }

    @Test
    void aChannelOfAnotherSimulationIsRefused() throws IOException {
        try (SocketChannel other = TestNetwork.provider().openSocketChannel();
                Selector selector = provider.openSelector()) {
            other.configureBlocking(false);
            assertThrows(IllegalSelectorException.class, () -> other.register(selector, SelectionKey.OP_CONNECT));
        }
    }

    @Test
    void aSimulatedChannelIsRefusedByARealSelector() throws IOException {
        try (SocketChannel simulated = provider.openSocketChannel();
                Selector real = Selector.open()) {
            simulated.configureBlocking(false);
            assertThrows(IllegalSelectorException.class, () -> simulated.register(real, SelectionKey.OP_CONNECT));
        }
    }

    @Test
    void blockingModeIsRefusedWhereItWouldBlock() throws IOException {
        try (Lab lab = new Lab(provider)) {
            SocketChannel server = lab.pair().server();
            server.configureBlocking(true);
            Exception e = assertThrows(UnsupportedOperationException.class, () -> server.read(ByteBuffer.allocate(1)));
            assertTrue(e.getMessage().contains("configureBlocking(false)"), e.getMessage());
            assertThrows(UnsupportedOperationException.class, () -> server.write(ByteBuffer.allocate(1)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyTcpIsSimulated() {
        assertThrows(UnsupportedOperationException.class, provider::openDatagramChannel);
        assertThrows(UnsupportedOperationException.class, provider::openPipe);
        Exception e = assertThrows(
                UnsupportedOperationException.class, () -> provider.openSocketChannel(StandardProtocolFamily.UNIX));
        assertEquals("protocol family UNIX is not simulated, only TCP is", e.getMessage());
    }
}
