package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.it.Exchange;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.relay.Upstream.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The size limits of response headers. */
@Timeout(120)
final class AnswerHeadTest {
    private static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n";

    @SuppressWarnings("NullAway.Init")
    private CallRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new CallRig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.stop();
    }

    /** Response headers without an end. */
    private enum Endless {
        LINE(false) {
            @Override
            void write(Exchange exchange) throws IOException {
                exchange.raw(STREAM + "X-Long: ");
                forEver(exchange, "x".repeat(64 * 1024));
            }
        },
        LINES(true) {
            @Override
            void write(Exchange exchange) throws IOException {
                exchange.raw(STREAM);
                forEver(exchange, "a:b\r\n".repeat(1000));
            }
        },
        REASON(false) {
            @Override
            void write(Exchange exchange) throws IOException {
                exchange.raw("HTTP/1.1 200 ");
                forEver(exchange, "x".repeat(64 * 1024));
            }
        },
        NAME(false) {
            @Override
            void write(Exchange exchange) throws IOException {
                exchange.raw(STREAM);
                forEver(exchange, "x".repeat(64 * 1024));
            }
        },
        INTERIM_HEADS(true) {
            @Override
            void write(Exchange exchange) throws IOException {
                forEver(exchange, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n".repeat(100));
            }
        },
        INTERIM_HEADS_WITHOUT_LINES(true) {
            @Override
            void write(Exchange exchange) throws IOException {
                forEver(exchange, "HTTP/1.1 102 Processing\r\n\r\n".repeat(100));
            }
        };

        /** Jetty's own bound trips, in tests, over an assertion of Jetty's: UpstreamFaultsIT looks at what it says. */
        final boolean isCountedByUs;

        Endless(boolean isCountedByUs) {
            this.isCountedByUs = isCountedByUs;
        }

        abstract void write(Exchange exchange) throws IOException;

        /**
         * Sends the piece until the peer closes the connection. If the peer reads all of 256 MiB, the test has failed.
         */
        static void forEver(Exchange exchange, String piece) throws IOException {
            for (long sent = 0; sent < 256L << 20; sent += piece.length()) {
                exchange.raw(piece);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Endless.class)
    void head_withoutEnd_is502AndReadNoFurther(Endless head) throws Exception {
        try (CallRig.Call call = rig.call(true, head::write)) {
            Exchange exchange = rig.upstream.next();
            Failure failure = call.failure();

            assertThat(failure.status()).isEqualTo(502);
            if (head.isCountedByUs) {
                assertThat(failure.code()).isEqualTo("head_too_large");
                assertThat(failure.message()).contains("64 KiB");
            }
            exchange.awaitClosed(Duration.ofSeconds(30));
            assertThat(exchange.sent()).as("bytes that the sockets have taken").isLessThan(16L << 20);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Endless.class,
            names = {"LINE", "LINES"})
    void head_ofAListOfModels_isBoundedToo(Endless head) throws Exception {
        rig.upstream.script(head::write);
        BlockingQueue<ModelList.Answer> answers = new ArrayBlockingQueue<>(1);
        new ModelListCall(rig.provider, "main", answers::add).start();

        ModelList.Answer answer = answers.poll(30, TimeUnit.SECONDS);
        assertThat(answer).isInstanceOfSatisfying(ModelList.Failed.class, failed -> {
            assertThat(failed.failure().status()).isEqualTo(502);
            if (head.isCountedByUs) {
                assertThat(failed.failure().code()).isEqualTo("head_too_large");
            }
        });
        rig.upstream.next().awaitClosed(Duration.ofSeconds(30));
    }

    @Test
    void trailers_withoutEnd_areReadNoFurther() throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            exchange.stream().token("a").raw("0\r\n");
            Endless.forEver(exchange, "a:b\r\n".repeat(1000));
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.failure().status()).isEqualTo(502);
            rig.upstream.next().awaitClosed(Duration.ofSeconds(30));
        }
    }

    @Test
    void head_large_passesBelowTheBound() throws Exception {
        ScriptedUpstream.Script script =
                exchange -> exchange.raw("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n".repeat(20) + STREAM
                                + "X-Policy: " + "x".repeat(30_000) + "\r\n" + "X-Many: one\r\n".repeat(500) + "\r\n")
                        .token("a")
                        .finish();
        for (int call = 0; call < 3; call++) { // the size of one call's headers does not count for the next
            try (CallRig.Call large = rig.call(true, script)) {
                assertThat(large.toTheEnd()).isEqualTo(Reading.END);
                assertThat(large.text()).endsWith("data: [DONE]\n\n");
            }
        }
    }

    /** Any interim status. Jetty itself handles only three of them. */
    @ParameterizedTest
    @ValueSource(ints = {100, 102, 103, 104, 199})
    void interimHead_isNoAnswerYet(int status) throws Exception {
        ScriptedUpstream.Script script =
                exchange -> exchange.raw("HTTP/1.1 " + status + " Interim\r\nX-A: b\r\n\r\n").stream()
                        .token("a")
                        .finish();
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
            assertThat(call.text()).contains("\"a\"");
        }
    }
}
