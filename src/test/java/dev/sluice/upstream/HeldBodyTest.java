package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.Test;

class HeldBodyTest {
    @SuppressWarnings("NullAway") // nobody looks at its provider here
    private static final Target TARGET = new Target(null, "m");

    private final AtomicInteger letGo = new AtomicInteger();

    @Test
    void content_ofSlices_isReadInOrderInSmallPiecesAndEndsInNone() {
        byte[] large = new byte[200_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 31);
        }
        HeldBody body = new HeldBody(
                target -> List.of(utf8("{\"model\":"), utf8(""), utf8("\"m\""), ByteBuffer.wrap(large, 5, 190_000)),
                letGo::incrementAndGet);
        for (int attempt = 0; attempt < 2; attempt++) {
            Request.Content content = body.sentTo(TARGET);
            assertThat(content.getLength()).isEqualTo(12 + 190_000);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            Content.Chunk chunk = content.read();
            for (; !chunk.isLast(); chunk = content.read()) {
                ByteBuffer bytes = chunk.getByteBuffer();
                assertThat(bytes.remaining()).isBetween(1, 64 * 1024);
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                all.writeBytes(copy);
            }
            assertThat(chunk.remaining())
                    .as("the last piece: the client keeps it")
                    .isZero();
            assertThat(all.size()).isEqualTo(12 + 190_000);
            assertThat(all.toString(UTF_8)).startsWith("{\"model\":\"m\"");
            assertThat(all.toByteArray()).endsWith(large[190_003], large[190_004]);
        }
    }

    @Test
    void letGo_anyNumberOfTimes_isToldOnceAndEndsAllSending() {
        HeldBody body = new HeldBody(target -> List.of(utf8("{}")), letGo::incrementAndGet);
        body.letGo();
        body.letGo();
        assertThat(letGo).hasValue(1);
        assertThatThrownBy(() -> body.sentTo(TARGET)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void content_beingSentWhenItIsLetGo_isReadToItsEnd() {
        String piece = "ab".repeat(32 * 1024);
        HeldBody body = new HeldBody(target -> List.of(utf8(piece), utf8("cd")), letGo::incrementAndGet);
        Request.Content content = body.sentTo(TARGET);
        assertThat(text(content.read())).isEqualTo(piece);
        body.letGo();
        assertThat(text(content.read())).isEqualTo("cd");
        assertThat(content.read().isLast()).isTrue();
    }

    @Test
    void smallSlices_areSentInOnePiece() {
        HeldBody body = new HeldBody(
                target -> List.of(utf8("{\"a\""), utf8(""), utf8(":1"), utf8("}")), letGo::incrementAndGet);
        Request.Content content = body.sentTo(TARGET);
        assertThat(text(content.read())).as("each piece is a write of its own").isEqualTo("{\"a\":1}");
        assertThat(content.read().isLast()).isTrue();
    }

    @Test
    void bytes_letGoAndSent_areHeldByNobody() {
        List<WeakReference<byte[]>> held = new ArrayList<>();
        Request.Content content = sendAll(held);
        for (int i = 0; i < 50 && held.get(0).get() != null; i++) {
            System.gc();
        }
        assertThat(held.get(0).get()).as("the body").isNull();
        assertThat(content.read().isLast()).as("what the client keeps").isTrue();
    }

    private Request.Content sendAll(List<WeakReference<byte[]>> held) {
        byte[] bytes = new byte[1 << 20];
        held.add(new WeakReference<>(bytes));
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap(bytes)), letGo::incrementAndGet);
        Request.Content content = body.sentTo(TARGET);
        while (!content.read().isLast()) {
            // The client would send the buffer.
        }
        body.letGo();
        return content;
    }

    private static String text(Content.Chunk chunk) {
        return UTF_8.decode(chunk.getByteBuffer()).toString();
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
