package dev.sluice.upstream.jetty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads from a real socket, and the cases in which a read is omitted. */
class TokenEndPointTest {
    private static final int ROOM = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Selector selector = Selector.open();
    private final SocketChannel upstream;
    private final TokenEndPoint endPoint;

    @SuppressWarnings("NullAway") // replaces Jetty's selector, of which nothing is called
    TokenEndPointTest() throws IOException {
        try (var server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel socket = SocketChannel.open(server.getLocalAddress());
            upstream = server.accept();
            socket.configureBlocking(false);
            SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
            endPoint = new TokenEndPoint(socket, null, key, new ScheduledExecutorScheduler());
        }
    }

    @AfterEach
    void close() throws IOException {
        endPoint.close();
        upstream.close();
        selector.close();
    }

    @Test
    void fill_afterAReadThatLeftRoom_looksAgainOnlyWhenSelected() throws IOException {
        write("one");
        select();
        assertThat(fill()).isEqualTo("one");

        write("two");
        arrival();
        assertThat(fill()).as("there, but nobody said so").isEmpty();
        select();
        assertThat(fill()).isEqualTo("two");
    }

    @Test
    void fill_moreThanTheBufferHolds_readsOnUntilThereIsRoom() throws IOException {
        write("more than a buffer");
        select();
        assertThat(fill()).isEqualTo("more tha");
        assertThat(fill()).isEqualTo("n a buff");
        assertThat(fill()).isEqualTo("er");
        assertThat(fill()).isEmpty();
    }

    @Test
    void fill_nothingThere_looksAgainWithoutBeingSelected() throws IOException {
        assertThat(fill()).isEmpty();
        write("late");
        arrival();
        assertThat(fill()).isEqualTo("late");
    }

    @Test
    void fill_endBehindTheLastBytes_isSeenWhenSelected() throws IOException {
        write("end");
        upstream.close();
        select();
        assertThat(fill()).isEqualTo("end");
        select();
        assertThat(endPoint.fill(BufferUtil.allocate(ROOM))).isEqualTo(-1);
        assertThat(endPoint.fill(BufferUtil.allocate(ROOM))).isEqualTo(-1);
    }

    private void write(String text) throws IOException {
        upstream.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }

    /** Waits until there is something to read. */
    private void arrival() throws IOException {
        selector.selectedKeys().clear();
        assertThat(selector.select(PATIENCE.toMillis())).as("ready sockets").isEqualTo(1);
    }

    /** The same, and notifies the end point, as the selector's thread does. */
    private void select() throws IOException {
        arrival();
        endPoint.onSelected();
    }

    private String fill() throws IOException {
        ByteBuffer buffer = BufferUtil.allocate(ROOM);
        endPoint.fill(buffer);
        return BufferUtil.toString(buffer, US_ASCII);
    }
}
