package dev.sluice.upstream.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The behaviour that Jetty and the JDK's channels expect of a selector, with real pipes. */
@Timeout(20)
final class TokenSelectorTest {
    private static final int CHANNELS = 300;

    private final Selector selector = TokenSelector.openNew();
    private final List<Pipe> pipes = new ArrayList<>();

    TokenSelectorTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        selector.close();
        for (Pipe pipe : pipes) {
            pipe.sink().close();
            pipe.source().close();
        }
    }

    @Test
    void select_manyReady_showsEachOnceUntilItIsCleared() throws IOException {
        List<SelectionKey> keys = new ArrayList<>();
        for (int i = 0; i < CHANNELS; i++) {
            keys.add(register(i));
            speak(i);
        }
        for (int round = 0; round < 2; round++) { // a ready key stays ready until it is read
            assertThat(selector.select()).isEqualTo(CHANNELS);
            assertThat(selector.selectedKeys()).hasSize(CHANNELS);
            assertThat(new ArrayList<>(selector.selectedKeys())).containsExactlyInAnyOrderElementsOf(keys);
            assertThat(selector.selectedKeys()).allMatch(SelectionKey::isReadable);
            selector.selectedKeys().clear();
            assertThat(selector.selectedKeys()).isEmpty();
        }
    }

    @Test
    void selectedKeys_clearedUnderAnIterator_endIt() throws IOException {
        register(0);
        speak(0);
        assertThat(selector.select()).isEqualTo(1);
        Iterator<SelectionKey> cursor = selector.selectedKeys().iterator();
        cursor.next();
        selector.selectedKeys().clear();
        assertThat(cursor.hasNext()).isFalse();
    }

    @Test
    void select_keyWithoutInterest_passesItOver() throws IOException {
        SelectionKey key = register(0);
        speak(0);
        key.interestOps(0);
        assertThat(selector.selectNow()).isZero();
        key.interestOps(SelectionKey.OP_READ);
        assertThat(selector.select(10_000)).isEqualTo(1);
    }

    @Test
    void wakeup_beforeASelect_keepsItFromWaiting() throws IOException {
        register(0);
        selector.wakeup();
        assertThat(selector.select()).isZero();
        assertThat(selector.selectedKeys()).isEmpty();
    }

    @Test
    void key_cancelled_leavesTheChannelUnregistered() throws IOException {
        SelectionKey key = register(0);
        assertThat(selector.keys()).containsExactly(key);
        key.cancel();
        selector.selectNow();
        assertThat(selector.keys()).isEmpty();
        assertThat(pipes.get(0).source().isRegistered()).isFalse();
        SelectionKey again = pipes.get(0).source().register(selector, SelectionKey.OP_READ);
        speak(0);
        assertThat(selector.select()).isEqualTo(1);
        assertThat(selector.selectedKeys()).containsExactly(again);
    }

    @Test
    void channel_closed_losesItsKey() throws IOException {
        SelectionKey key = register(0);
        pipes.get(0).source().close();
        selector.selectNow();
        assertThat(key.isValid()).isFalse();
        assertThat(selector.keys()).isEmpty();
    }

    @Test
    void selector_closed_leavesNothingRegistered() throws IOException {
        SelectionKey key = register(0);
        selector.close();
        assertThat(selector.isOpen()).isFalse();
        assertThat(key.isValid()).isFalse();
        assertThat(pipes.get(0).source().isRegistered()).isFalse();
        assertThatThrownBy(selector::select).isInstanceOf(ClosedSelectorException.class);
    }

    /** Registers the reading end of the next pipe. */
    private SelectionKey register(int index) throws IOException {
        Pipe pipe = Pipe.open();
        pipes.add(index, pipe);
        pipe.source().configureBlocking(false);
        return pipe.source().register(selector, SelectionKey.OP_READ, index);
    }

    private void speak(int index) throws IOException {
        pipes.get(index).sink().write(ByteBuffer.wrap(new byte[1]));
    }
}
