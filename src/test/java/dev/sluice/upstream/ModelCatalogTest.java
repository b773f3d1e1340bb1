package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ModelCatalogTest {
    private static final String KEY = "xai-Top_Secret-0123456789abcdef";
    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    private final ManualClock clock = new ManualClock();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private HttpProvider provider;

    @SuppressWarnings("NullAway.Init")
    private ModelCatalog catalog;

    @BeforeEach
    void start() throws Exception {
        server = new ModelServer();
        provider = server.provider(KEY, scheduler, clock);
        provider.start();
        catalog = new ModelCatalog(provider, "main", MAX_AGE);
    }

    @AfterEach
    void stop() throws Exception {
        provider.stop();
        server.close();
        scheduler.shutdownNow();
    }

    @Test
    void request_asksForTheModelsAsJsonWithTheKey() throws Exception {
        Reader reader = ask();
        HttpExchange request = server.next();

        assertThat(request.getRequestMethod() + " " + request.getRequestURI()).isEqualTo("GET /v1/models");
        assertThat(request.getRequestHeaders())
                .containsEntry("Accept", List.of("application/json"))
                .containsEntry("Accept-encoding", List.of("identity"))
                .containsEntry("Authorization", List.of("Bearer " + KEY));
        request.close();
        reader.failure();
    }

    @Test
    void models_notYetKnown_areAskedForOnceHoweverManyWait() throws Exception {
        List<Reader> readers = List.of(ask(), ask(), ask());
        server.list("a", "b");

        for (Reader reader : readers) {
            assertThat(reader.ids()).containsExactly("a", "b");
        }
        assertThat(server.requests()).isEqualTo(1);
        clock.awaitNone();
    }

    @Test
    void entry_thatDoesNotSayWhoseItIs_isTheProviders() throws Exception {
        Reader reader = ask();
        server.list("a");

        assertThat(reader.models().find("a").orElseThrow().json()).contains("\"owned_by\":\"main\"");
    }

    @Test
    void models_thatAreFresh_areToldAtOnceWithoutAsking() throws Exception {
        known("a");
        clock.pass(MAX_AGE.minusNanos(1));

        assertThat(ask().idsAtOnce()).containsExactly("a");
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void models_thatHaveGrownOld_areToldAtOnceWhileOneRefreshRuns() throws Exception {
        known("a");
        clock.pass(MAX_AGE);

        assertThat(ask().idsAtOnce()).containsExactly("a");
        HttpExchange refresh = server.next();
        assertThat(ask().idsAtOnce()).containsExactly("a");
        assertThat(ask().idsAtOnce()).containsExactly("a");
        assertThat(server.requests()).as("requests while one is under way").isEqualTo(2);
        ModelServer.answer(refresh, 200, "{\"data\":[{\"id\":\"b\"}]}", Map.of());

        clock.awaitNone(); // the refresh has been heard
        assertThat(ask().idsAtOnce()).containsExactly("b");
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void refresh_thatFails_keepsTheOldModelsAndIsTriedAgainAfterAWhile() throws Exception {
        known("a");
        clock.pass(MAX_AGE);
        assertThat(ask().idsAtOnce()).containsExactly("a");
        server.answer(500, "{\"error\":\"no\"}");
        clock.awaitNone(); // the refresh has been heard

        clock.pass(MAX_AGE.dividedBy(10).minusNanos(1));
        assertThat(ask().idsAtOnce()).containsExactly("a");
        assertThat(server.requests()).as("requests right after a failure").isEqualTo(2);

        clock.pass(Duration.ofNanos(1));
        assertThat(ask().idsAtOnce()).containsExactly("a");
        server.list("b");
        clock.awaitNone(); // the refresh has been heard
        assertThat(ask().idsAtOnce()).containsExactly("b");
        assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void failure_withNothingKnown_isToldToAllAndRememberedForASecond() throws Exception {
        List<Reader> readers = List.of(ask(), ask());
        server.answer(500, "{\"error\":{\"message\":\"on fire\"}}");
        for (Reader reader : readers) {
            assertThat(reader.failure().status()).isEqualTo(502);
        }

        clock.pass(Duration.ofMillis(999));
        assertThat(ask().failureAtOnce().message()).contains("500", "on fire");
        assertThat(server.requests()).isEqualTo(1);

        clock.pass(Duration.ofMillis(1));
        Reader later = ask();
        server.list("a");
        assertThat(later.ids()).containsExactly("a");
    }

    @Test
    void readers_moreThanMayWait_areTurnedAwayAtOnce() throws Exception {
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < ModelCatalog.MOST_WAITING; i++) {
            readers.add(ask());
        }

        Failure failure = ask().failureAtOnce();
        assertThat(failure.status()).isEqualTo(503);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        server.list("a");
        for (Reader reader : readers) {
            assertThat(reader.ids()).containsExactly("a");
        }
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void reader_thatThrows_keepsTheModelsFromNobody() throws Exception {
        catalog.get(answer -> {
            throw new IllegalStateException("thrown by the test");
        });
        Reader second = ask();
        server.list("a");

        assertThat(second.ids()).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(ints = {ModelListCall.LONGEST, 64 << 20})
    void body_beyondItsBound_isNotReadOn(int bytes) throws Exception {
        Reader reader = ask();
        server.pour(bytes);

        assertThat(reader.failure().code()).isEqualTo("upstream_models_too_long");
        assertThat(reader.failure().status()).isEqualTo(502);
        clock.pass(Duration.ofSeconds(1));
        Reader next = ask();
        server.list("a");
        assertThat(next.ids()).containsExactly("a");
    }

    @Test
    void body_ofAMegabyte_isRead() throws Exception {
        String[] ids = new String[5_000];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = "vendor/" + "m".repeat(200) + i;
        }
        Reader reader = ask();
        server.list(ids);

        assertThat(reader.ids()).containsExactly(ids);
    }

    @Test
    void upstream_thatSaysNothing_isGivenUpAfterTenSeconds() throws Exception {
        Reader reader = ask();
        HttpExchange silent = server.next();
        clock.pass(Duration.ofSeconds(10).minusNanos(1));
        assertThat(reader.answers).isEmpty();

        clock.pass(Duration.ofNanos(1));

        assertThat(reader.failureAtOnce().status()).isEqualTo(504);
        assertThat(reader.failureAtOnce().message()).contains("main", "10 s");
        clock.pass(Duration.ofSeconds(1));
        Reader next = ask(); // on a second connection: the provider may have two
        server.list("a");
        assertThat(next.ids()).containsExactly("a");
        silent.close();
    }

    @ParameterizedTest
    @CsvSource({
        "400, 502, upstream_key_refused",
        "401, 502, upstream_key_refused",
        "403, 502, upstream_key_refused",
    })
    void complaint_aboutTheKey_isToldInOurWords(int status, int told, String code) throws Exception {
        Reader reader = ask();
        server.answer(status, "{\"code\":\"x\",\"error\":\"Incorrect API key provided: " + KEY + "\"}");

        Failure failure = reader.failure();
        assertThat(failure.status()).isEqualTo(told);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.toString()).doesNotContain(KEY, "Top_Secret");
    }

    @Test
    void answer_thatEchoesTheKey_isToldWithoutIt() throws Exception {
        Reader reader = ask();
        server.answer(429, "{\"error\":{\"message\":\"slow down, " + KEY + "\"}}", Map.of("Retry-After", "7"));

        Failure failure = reader.failure();
        assertThat(failure.status()).isEqualTo(429);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(failure.message()).contains("slow down").doesNotContain(KEY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<html>Welcome</html>                       | upstream_no_models | no list of models",
                "{}                                         | upstream_no_models | no list of models",
                "{\"data\":[{\"id\":\"a\"}                  | upstream_no_models | no list of models",
                "{\"code\":\"some words\",\"error\":\"Busy\"} | upstream_error     | Busy",
            })
    void answer200_thatIsNoList_is502(String body, String code, String message) throws Exception {
        Reader reader = ask();
        server.answer(200, body);

        Failure failure = reader.failure();
        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.message()).contains(message);
    }

    @Test
    void redirect_isNotFollowed() throws Exception {
        Reader reader = ask();
        server.answer(302, "", Map.of("Location", server.url() + "/models"));

        assertThat(reader.failure().message()).contains("302");
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void upstream_thatIsNotThere_isToldAsSuch() throws Exception {
        server.close();

        Failure failure = ask().failure();

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.code()).isEqualTo("connection_refused");
        clock.awaitNone();
    }

    @Test
    void connection_thatClosesAsItIsUsedAgain_isAskedOnceMore() throws Exception {
        known("a");
        clock.pass(MAX_AGE);
        ask();
        server.next().close(); // without an answer, on the connection of the first answer
        server.list("b");
        clock.awaitNone();

        assertThat(ask().idsAtOnce()).containsExactly("b");
        assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void provider_thatStops_tellsThoseWhoWait() throws Exception {
        Reader waiting = ask();
        server.next();
        provider.stop();

        assertThat(waiting.failure().status()).isEqualTo(502);
        clock.pass(Duration.ofSeconds(1));
        assertThat(ask().failure().status()).as("asked after the stop").isEqualTo(502);
        clock.awaitNone();
    }

    private void known(String... ids) throws Exception {
        Reader reader = ask();
        server.list(ids);
        assertThat(reader.ids()).containsExactly(ids);
    }

    private Reader ask() {
        Reader reader = new Reader();
        catalog.get(reader.answers::add);
        return reader;
    }

    private static final class Reader {
        final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

        ModelList models() throws InterruptedException {
            return ((ModelList.Models) next()).list();
        }

        List<String> ids() throws InterruptedException {
            return models().models().stream().map(ModelList.Model::id).toList();
        }

        Failure failure() throws InterruptedException {
            return ((ModelList.Failed) next()).failure();
        }

        List<String> idsAtOnce() throws InterruptedException {
            assertThat(answers).as("told at once").hasSize(1);
            return ids();
        }

        Failure failureAtOnce() throws InterruptedException {
            assertThat(answers).as("told at once").hasSize(1);
            return failure();
        }

        /** Waits for the next answer, which the next call can get as well. */
        private Answer next() throws InterruptedException {
            Answer answer = answers.poll(10, TimeUnit.SECONDS);
            assertThat(answer).as("an answer within 10 s").isNotNull();
            assertThat(answers).as("further answers").isEmpty();
            answers.add(answer);
            return answer;
        }
    }
}
