package dev.sluice.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.chat.Failure;
import dev.sluice.relay.Head;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Decisions in the orders that one thread can produce. {@code AdmissionRacesTest} has the others. */
final class AdmissionWaitTest {
    private static final Refused REFUSED = new Refused(Failure.invalid(403, "model_not_allowed", "No.", "model"));

    private static final StreamSummary SUMMARY = new StreamSummary(
            Outcome.CLIENT_GONE, null, null, false, Head.NONE, 0, null, null, Duration.ZERO, 0, 0, Duration.ZERO);

    private final List<Decision> decisions = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();
    private final Logger logger = Logger.getLogger(AdmissionWait.class.getName());
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final Deciding pending = new Deciding();
    private final AdmissionWait wait = new AdmissionWait(pending, decisions::add);

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
    void decision_comesLater_isTold() {
        wait.begin();
        assertThat(decisions).isEmpty();
        assertThat(pending.answer(Admitted.FREELY)).isTrue();
        assertThat(decisions).containsExactly(Admitted.FREELY);
    }

    @Test
    void decision_comesBeforeBeginReturns_isTold() {
        pending.atOnce = REFUSED;
        wait.begin();
        assertThat(decisions).containsExactly(REFUSED);
    }

    @Test
    void decision_toldTwice_isTheFirst() {
        wait.begin();
        assertThat(pending.answer(REFUSED)).isTrue();
        assertThat(pending.answer(Admitted.FREELY)).as("the second").isFalse();
        assertThat(pending.answer(REFUSED)).as("the third").isFalse();
        assertThat(decisions).containsExactly(REFUSED);
    }

    @Test
    void end_whileItWaits_cancelsOnce() {
        wait.begin();
        end();
        end();
        assertThat(pending.cancelled).isEqualTo(1);
        assertThat(decisions).isEmpty();
    }

    @Test
    void end_afterTheDecision_cancelsNothing() {
        wait.begin();
        pending.answer(Admitted.FREELY);
        end();
        assertThat(pending.cancelled).isZero();
    }

    /** Otherwise nobody would return what it has granted. */
    @Test
    void decision_afterTheEnd_isToldOnce() {
        wait.begin();
        end();
        assertThat(pending.answer(Admitted.FREELY)).isTrue();
        assertThat(pending.answer(Admitted.FREELY)).isFalse();
        end();
        assertThat(decisions).containsExactly(Admitted.FREELY);
        assertThat(pending.cancelled).isEqualTo(1);
    }

    @Test
    void end_beforeTheBeginning_leavesNothingToBegin() {
        end();
        wait.begin();
        assertThat(pending.asker).as("who was begun for").isNull();
        assertThat(pending.cancelled).isEqualTo(1);
    }

    @Test
    void exception_insteadOfADecision_isA500AndLoggedOnce() {
        pending.fault = new IllegalStateException("by the test");
        wait.begin();
        assertRefused(500);
    }

    @Test
    void memory_failsInsteadOfADecision_isA503() {
        pending.fault = new OutOfMemoryError("by the test");
        wait.begin();
        assertRefused(503);
    }

    @Test
    void exception_afterTheDecision_isLoggedAndChangesNothing() {
        pending.atOnce = Admitted.FREELY;
        pending.fault = new IllegalStateException("by the test");
        wait.begin();
        assertThat(decisions).containsExactly(Admitted.FREELY);
        assertThat(logged).hasSize(1);
    }

    @Test
    void exception_whileItIsCancelled_isLoggedAndStaysThere() {
        wait.begin();
        pending.fault = new IllegalStateException("by the test");
        end();
        assertThat(logged).hasSize(1);
    }

    @Test
    void exception_insteadOfAReply_isARefusalAndLoggedOnce() {
        Admission.Reply reply = AdmissionWait.ask(
                (stream, asked) -> {
                    throw new IllegalStateException("by the test");
                },
                Requests.OPENED,
                Requests.ASKED);
        assertThat(reply).isInstanceOfSatisfying(Refused.class, refused -> assertThat(
                        refused.failure().status())
                .isEqualTo(500));
        assertThat(logged).hasSize(1);
    }

    @Test
    void everyRequest_isAdmittedAtOnceAndWithoutGarbage() {
        assertThat(Admission.OF_ALL.ask(Requests.OPENED, Requests.ASKED))
                .isSameAs(Admitted.FREELY)
                .isSameAs(Admission.OF_ALL.ask(Requests.OPENED, Requests.ASKED));
    }

    private void end() {
        wait.ended(SUMMARY);
    }

    private void assertRefused(int status) {
        assertThat(decisions).singleElement().isInstanceOfSatisfying(Refused.class, refused -> assertThat(
                        refused.failure().status())
                .isEqualTo(status));
        assertThat(logged).hasSize(1);
    }

    /** Decides when the test says so. */
    private static final class Deciding implements Pending {
        private @Nullable Asker asker;
        private @Nullable Decision atOnce;
        private @Nullable Throwable fault;
        private int cancelled;

        boolean answer(Decision decision) {
            return requireNonNull(asker).answer(decision);
        }

        @Override
        public void begin(Asker who) {
            assertThat(asker).as("begun twice").isNull();
            asker = who;
            if (atOnce != null) {
                who.answer(atOnce);
            }
            throwFault();
        }

        @Override
        public void cancel() {
            cancelled++;
            throwFault();
        }

        private void throwFault() {
            if (fault instanceof Error error) {
                throw error;
            }
            if (fault instanceof RuntimeException exception) {
                throw exception;
            }
        }
    }
}
