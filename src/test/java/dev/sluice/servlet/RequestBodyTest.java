package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
    private static final int MAX = 100_000;

    private final BodyBudget budget = new BodyBudget(150_000);
    private final BodyLimit limit = new BodyLimit(budget, MAX, "sluice.chat.max-bytes");
    private final Input input = new Input();
    private final Told told = new Told();
    private final RequestBody body = new RequestBody(input, -1, limit, told);

    @Test
    void body_inPieces_isReceivedOnceAndWhole() throws IOException {
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            String piece = "piece " + i + " ";
            sent.append(piece);
            arrives(piece.getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(told.all).isEmpty();
        ends();
        body.onAllDataRead(); // some containers call it again
        assertThat(told.all).containsExactly("received " + sent.length());
        assertThat(told.text).isEqualTo(sent.toString());
        assertThat(budget.heldBytes()).isBetween((long) sent.length(), (long) MAX);
        body.letGo();
        body.letGo();
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void body_announced_takesNoMoreRoomThanThat() throws IOException {
        RequestBody announced = new RequestBody(input, 20_000, limit, told);
        input.arrived(new byte[20_000]);
        announced.onDataAvailable();
        assertThat(budget.heldBytes()).isEqualTo(20_000);
    }

    @Test
    void body_announcedLarge_takesNoRoomForWhatHasNotCome() throws IOException {
        RequestBody announced = new RequestBody(input, MAX, limit, told);
        input.arrived(new byte[100]);
        announced.onDataAvailable();
        assertThat(budget.heldBytes()).isLessThanOrEqualTo(200);
    }

    @Test
    void body_tooLarge_isLetGoAtOnceAndRefusedWhenItHasCome() throws IOException {
        arrives(new byte[MAX]);
        assertThat(told.all).isEmpty();
        arrives(new byte[1]);
        assertThat(told.all).containsExactly("faulty request_too_large");
        assertThat(budget.heldBytes()).isZero();
        arrives(new byte[1_000]);
        ends();
        assertThat(told.all).containsExactly("faulty request_too_large", "refused request_too_large");
    }

    @Test
    void body_farTooLarge_isNotReadToItsEnd() throws IOException {
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 20; i++) {
            arrives(piece);
        }
        assertThat(told.all).containsExactly("faulty request_too_large", "refused request_too_large");
        assertThat(input.left()).as("left unread").isPositive();
    }

    @Test
    void body_withoutRoom_isRefusedWhenItHasCome() throws IOException {
        budget.open().grow(149_000);
        arrives(new byte[2_000]);
        assertThat(told.all).containsExactly("faulty no_room");
        ends();
        assertThat(told.all).containsExactly("faulty no_room", "refused no_room");
        assertThat(budget.heldBytes()).isEqualTo(149_000);
    }

    @Test
    void memory_failsWhileReading_isRefusedAtOnceForThat() throws IOException {
        arrives(new byte[1_000]);
        input.failure = new OutOfMemoryError("by the test");
        arrives(new byte[1_000]);
        body.onError(new IOException("what the container makes of it"));
        assertThat(told.all).containsExactly("refused no_memory");
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void memory_failsForTheGrowingBody_isRefusedAtOnceAndTheRestThrownAway() throws IOException {
        RequestBody growing = growingTo(1_000);
        arrives(growing, new byte[1_000]);
        assertThat(told.all).isEmpty();
        arrives(growing, new byte[1]);
        assertThat(told.all).containsExactly("refused early no_memory");
        assertThat(budget.heldBytes()).isZero();
        arrives(growing, new byte[50_000]);
        assertThat(input.left()).isZero();
        input.finished = true;
        growing.onDataAvailable();
        growing.onAllDataRead();
        assertThat(told.all).containsExactly("refused early no_memory", "drained");
    }

    @Test
    void memory_failsForABodyWithoutEnd_isNotReadForEver() throws IOException {
        RequestBody growing = growingTo(1_000);
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 20; i++) {
            arrives(growing, piece);
        }
        assertThat(told.all).containsExactly("refused early no_memory", "drained");
        assertThat(input.left()).as("left unread").isPositive();
    }

    @Test
    void memory_failsForTheGrowingBodyAndAgainWhileReading_endsTheReading() throws IOException {
        RequestBody growing = growingTo(1_000);
        arrives(growing, new byte[1_001]);
        input.failure = new OutOfMemoryError("by the test");
        arrives(growing, new byte[1]);
        assertThat(told.all).containsExactly("refused early no_memory", "drained");
    }

    @Test
    void client_leavesWhileTheRestIsThrownAway_isSaid() throws IOException {
        RequestBody growing = growingTo(1_000);
        arrives(growing, new byte[1_001]);
        growing.onError(new IOException("reset"));
        assertThat(told.all).containsExactly("refused early no_memory", "gone");
    }

    @Test
    void memory_failsInTheContainer_isRefusedForThat() throws IOException {
        arrives(new byte[1_000]);
        body.onError(new IOException(new OutOfMemoryError("by the test")));
        assertThat(told.all).containsExactly("refused no_memory");
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void client_leaves_isSaidUnlessTheBodyWasWhole() throws IOException {
        body.onError(new IOException("reset"));
        body.onError(new IOException("reset"));
        assertThat(told.all).containsExactly("gone");
        RequestBody whole = new RequestBody(input, -1, limit, told);
        input.finished = true;
        whole.onDataAvailable();
        whole.onError(new IOException("reset"));
        assertThat(told.all).containsExactly("gone", "received 0");
    }

    @Test
    void body_letGo_isReadNoFurther() throws IOException {
        arrives(new byte[10]);
        body.letGo();
        arrives(new byte[10]);
        ends();
        assertThat(input.left()).isEqualTo(10);
        assertThat(told.all).isEmpty();
    }

    private void arrives(byte[] bytes) throws IOException {
        arrives(body, bytes);
    }

    private void arrives(RequestBody at, byte[] bytes) throws IOException {
        input.arrived(bytes);
        at.onDataAvailable();
    }

    /** A body that gets memory for this number of bytes and no more. */
    private RequestBody growingTo(int most) {
        return new RequestBody(input, -1, limit, told, (bytes, length) -> {
            if (length > most) {
                throw new OutOfMemoryError("by the test");
            }
            return Arrays.copyOf(bytes, length);
        });
    }

    private void ends() throws IOException {
        input.finished = true;
        body.onDataAvailable();
    }

    /** The bytes that were received and not yet read. */
    private static final class Input extends ServletInputStream {
        private byte[] bytes = {};
        private int at;
        private boolean finished;
        private @Nullable Error failure;

        void arrived(byte[] more) {
            byte[] all = new byte[left() + more.length];
            System.arraycopy(bytes, at, all, 0, left());
            System.arraycopy(more, 0, all, left(), more.length);
            bytes = all;
            at = 0;
        }

        int left() {
            return bytes.length - at;
        }

        @Override
        public boolean isFinished() {
            return finished && left() == 0;
        }

        @Override
        public boolean isReady() {
            return left() > 0;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("the test calls it");
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("in pieces only");
        }

        @Override
        public int read(byte[] into, int offset, int most) {
            if (failure != null) {
                throw failure;
            }
            int length = Math.min(most, left());
            System.arraycopy(bytes, at, into, offset, length);
            at += length;
            return length;
        }
    }

    private static final class Told implements RequestBody.Receiver {
        private final List<String> all = new ArrayList<>();
        private String text = "";

        @Override
        public void received(byte[] bytes, int length) {
            all.add("received " + length);
            text = new String(bytes, 0, length, StandardCharsets.US_ASCII);
        }

        @Override
        public void refused(Failure failure) {
            all.add("refused " + failure.code());
        }

        @Override
        public void clientGone() {
            all.add("gone");
        }

        @Override
        public void refusedWhileItComes(Failure failure) {
            all.add("refused early " + failure.code());
        }

        @Override
        public void drained() {
            all.add("drained");
        }

        @Override
        public void faulty(Failure failure) {
            all.add("faulty " + failure.code());
        }
    }
}
