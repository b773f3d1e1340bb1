package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.ProviderWords;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new fault is logged in one line with its cause and its fix. Its repetitions are only counted. */
class FaultLogTest {
    private static final String KEY = "xai-Top_Secret-0123456789abcdef";

    private final ManualClock clock = new ManualClock();
    private final List<Runnable> unwritten = new ArrayList<>();
    private final FaultLog log = new FaultLog(
            "local (http://127.0.0.1:8081/v1)",
            "sluice.upstreams.local.",
            new ProviderWords(List.of(KEY)),
            clock,
            unwritten::add);

    private final Logger logger = Logger.getLogger(FaultLog.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void fault_first_isOneLineWithUpstreamCauseAndRemedy() {
        log.failed(
                Fault.CONNECTION_REFUSED, FaultLog.cause(new IOException(new ConnectException("Connection refused"))));
        assertThat(written())
                .containsExactly("WARNING The upstream local (http://127.0.0.1:8081/v1): it refuses connections"
                        + " (ConnectException: Connection refused). Check whether it runs, and"
                        + " sluice.upstreams.local.url.");
    }

    @Test
    void fault_withEachCall_isCountedAndToldOnceAMinute() {
        for (int i = 0; i < 413; i++) {
            log.failed(Fault.TLS_FAILED, "");
        }
        assertThat(written()).hasSize(1);
        clock.pass(Duration.ofSeconds(73));
        log.failed(Fault.TLS_FAILED, "");
        assertThat(written())
                .hasSize(2)
                .last()
                .asString()
                .endsWith("In the 73 s since the last such message 412 more calls have failed in the same way.");
        assertThat(log.count(Fault.TLS_FAILED)).isEqualTo(414);
    }

    @Test
    void fault_thatIsAnother_isToldAtOnce_butNotInTurnsWithTheFirst() {
        for (int i = 0; i < 10; i++) {
            log.failed(Fault.CONNECTION_REFUSED, "");
            log.failed(Fault.CONNECT_TIMEOUT, "");
        }
        assertThat(written()).hasSize(2);
    }

    @Test
    void answer_afterFaults_isToldOnce() {
        log.answered();
        assertThat(written()).as("without a fault before it").isEmpty();
        log.failed(Fault.UNKNOWN_HOST, "");
        log.failed(Fault.UNKNOWN_HOST, "");
        log.answered();
        log.answered();
        assertThat(written())
                .hasSize(2)
                .last()
                .isEqualTo("INFO The upstream local (http://127.0.0.1:8081/v1) answers again;"
                        + " in the meantime 1 more call has failed.");
        log.failed(Fault.UNKNOWN_HOST, "");
        log.answered();
        assertThat(written()).as("one that comes and goes within the minute").hasSize(2);
    }

    @Test
    void cause_whateverItSays_isShortOnOneLineAndHoldsNoKey() {
        log.failed(Fault.TLS_FAILED, "no\nWARNING forged\u2028 " + KEY + " " + "x ".repeat(1_000));
        assertThat(written()).singleElement().asString().hasSizeLessThan(700).doesNotContain("\n", "\u2028", KEY);
    }

    @Test
    void line_isWrittenByWhoeverWritesTheLog() {
        log.failed(Fault.KEY_REFUSED, "status 401");
        assertThat(lines).isEmpty();
        assertThat(written()).singleElement().asString().contains("status 401", "sluice.upstreams.local.key");
    }

    private List<String> written() {
        unwritten.forEach(Runnable::run);
        unwritten.clear();
        return lines;
    }
}
