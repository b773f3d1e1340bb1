package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tests without a clock that each token is sent at once: the upstream completes token n+1 only after the client has
 * received token n. If anything holds a token back, the test fails by a timeout.
 *
 * <p>With cut events, one write has the end of an event and the beginning of the next one, so that a token must be sent
 * although the bytes behind it are no complete event.
 */
final class Lockstep {
    /** The places at which the upstream's writes cut its events. */
    enum Cut {
        /** Nowhere: each event is one chunk and one write. */
        WHOLE,
        /** Each in the middle of its JSON. */
        MIDDLE,
        /** Each between the bytes of one UTF-8 character. */
        INSIDE_CHARACTER,
        /** Everywhere. */
        BYTE_BY_BYTE
    }

    /** Four bytes in UTF-8. */
    private static final String CHARACTER = "😀";

    private Lockstep() {}

    /** Sends this many tokens and a normal end. If a token does not arrive, the test fails. */
    static void dance(Exchange upstream, RawClient client, Cut cut, int tokens) throws IOException {
        upstream.stream();
        byte[] head = new byte[0];
        for (int number = 0; number < tokens; number++) {
            byte[] event = Completion.token(text(number)).getBytes(StandardCharsets.UTF_8);
            byte[] next = Completion.token(text(number + 1)).getBytes(StandardCharsets.UTF_8);
            boolean last = number == tokens - 1;
            int nextCut = last ? 0 : at(cut, next);
            byte[] tail = Arrays.copyOfRange(event, head.length, event.length);
            head = Arrays.copyOf(next, nextCut);
            write(upstream, cut, concat(tail, head));
            SseEvent seen = client.nextEvent();
            assertThat(seen.data()).as("token %d, cut %s", number, cut).isEqualTo(text(number));
            assertThat(seen.event()).isEqualTo("message");
        }
        upstream.finish();
        Answer answer = client.rest();
        assertThat(answer.events()).extracting(SseEvent::event).containsExactly("done");
        assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
    }

    private static String text(int number) {
        return CHARACTER + " " + number;
    }

    private static int at(Cut cut, byte[] event) {
        return switch (cut) {
            case WHOLE, BYTE_BY_BYTE -> 0;
            case MIDDLE -> event.length / 2;
            case INSIDE_CHARACTER -> firstHighByte(event) + 2;
        };
    }

    private static int firstHighByte(byte[] event) {
        for (int i = 0; i < event.length; i++) {
            if (event[i] < 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("Nothing to cut");
    }

    private static void write(Exchange upstream, Cut cut, byte[] bytes) throws IOException {
        if (cut == Cut.BYTE_BY_BYTE) {
            for (byte b : bytes) {
                upstream.chunk(new byte[] {b});
            }
        } else {
            upstream.chunk(bytes);
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
