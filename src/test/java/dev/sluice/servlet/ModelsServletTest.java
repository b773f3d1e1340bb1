package dev.sluice.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Model;
import dev.sluice.dialect.anthropic.Messages;
import dev.sluice.web.FakeAsyncExchange;
import dev.sluice.web.Leases;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsServletTest {
    private static final ModelList LIST =
            ModelList.of(List.of(new Model("a", "{\"id\":\"a\" }"), new Model("b/é:c", "{\"id\":\"b/é:c\"}")));
    private static final String ALL = "{\"object\":\"list\",\"data\":[{\"id\":\"a\" },{\"id\":\"b/é:c\"}]}";

    private final List<Consumer<ModelList.Answer>> waiting = new ArrayList<>();
    private final Leases leases = new Leases();
    private final ModelsServlet atOnce = servlet(reader -> reader.accept(new ModelList.Models(LIST)));
    private final ModelsServlet late = servlet(waiting::add);

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "/")
    void list_isAnsweredWhole(@Nullable String path) throws Exception {
        FakeAsyncExchange exchange = get(atOnce, path);
        exchange.writable();

        assertThat(exchange.body()).isEqualTo(ALL);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answered("Content-Type")).isEqualTo("application/json");
        assertThat(exchange.answered("Content-Length")).isEqualTo(String.valueOf(ALL.getBytes(UTF_8).length));
        assertThat(exchange.answered("Cache-Control")).isEqualTo("no-store");
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"/a, '{\"id\":\"a\" }'", "/b/é:c, '{\"id\":\"b/é:c\"}'"})
    void model_byItsId_isAnswered(String path, String json) throws Exception {
        FakeAsyncExchange exchange = get(atOnce, path);
        exchange.writable();

        assertThat(exchange.body()).isEqualTo(json);
        assertThat(exchange.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/A", "/b", "/a/", "//a"})
    void model_thatIsUnknown_is404ThatNamesTheKnown(String path) throws Exception {
        FakeAsyncExchange exchange = get(atOnce, path);
        exchange.writable();

        assertThat(exchange.status()).isEqualTo(404);
        assertThat(exchange.body())
                .contains("\"code\":\"model_not_found\"", "\"param\":\"model\"", "There are a, b/é:c.");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"POST, -", "DELETE, /a", "OPTIONS, -"})
    void method_otherThanGetAndHead_is405(String method, @Nullable String path) throws Exception {
        FakeAsyncExchange exchange = new FakeAsyncExchange(method, path);
        atOnce.service(exchange.request(), exchange.response());
        exchange.writable();

        assertThat(exchange.status()).isEqualTo(405);
        assertThat(exchange.answered("Allow")).isEqualTo("GET, HEAD");
        assertThat(exchange.body()).contains("\"code\":\"method_not_allowed\"");
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void failure_ofTheDirectory_isAnsweredAsSuch() throws Exception {
        Failure failure = Failure.unavailable("overloaded", "no_room", "Full.", Duration.ofSeconds(3));
        for (String path : new String[] {"", "/a"}) {
            FakeAsyncExchange exchange = get(late, path.isEmpty() ? null : path);
            exchange.writable();
            assertThat(exchange.completions()).as("before there is an answer").isZero();
            waiting.remove(0).accept(new ModelList.Failed(failure));

            assertThat(exchange.status()).isEqualTo(503);
            assertThat(exchange.answered("Retry-After")).isEqualTo("3");
            assertThat(exchange.body()).contains("\"code\":\"no_room\"");
            assertThat(exchange.completions()).isEqualTo(1);
        }
    }

    @Test
    void answer_thatComesBeforeTheOutputIsWritable_waitsForIt() throws Exception {
        FakeAsyncExchange exchange = get(atOnce, null);
        assertThat(exchange.body()).isEmpty();

        exchange.writable();
        assertThat(exchange.body()).isEqualTo(ALL);
    }

    @Test
    void container_thatCallsBackFromWithinItsOwnMethods_isBorne() throws Exception {
        FakeAsyncExchange exchange = new FakeAsyncExchange("GET", null).callingBackAtOnce();
        atOnce.service(exchange.request(), exchange.response());

        assertThat(exchange.body()).isEqualTo(ALL);
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void client_thatTakesLittleAtATime_getsAllOfALargeList() throws Exception {
        ModelList large = large();
        FakeAsyncExchange exchange = get(late, null).takingOneWriteAtATime();
        exchange.writable();
        waiting.remove(0).accept(new ModelList.Models(large));
        int rounds = 0;
        while (exchange.completions() == 0) {
            assertThat(rounds++).as("rounds").isLessThan(1_000);
            exchange.writable();
        }

        assertThat(exchange.body()).isEqualTo(new String(large.toJson(), UTF_8));
        assertThat(rounds).as("rounds for " + large.toJson().length + " bytes").isGreaterThan(10);
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void time_thatIsUpBeforeThereIsAnAnswer_is504() throws Exception {
        FakeAsyncExchange exchange = get(late, null);
        exchange.writable();
        exchange.timeOut();

        assertThat(exchange.status()).isEqualTo(504);
        assertThat(exchange.body()).contains("\"type\":\"timeout\"");
        assertThat(exchange.completions()).isEqualTo(1);

        waiting.remove(0).accept(new ModelList.Models(LIST));
        assertThat(exchange.body()).as("after an answer that came too late").doesNotContain("\"list\"");
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void time_thatIsUpAmidTheAnswer_breaksItOffOnce() throws Exception {
        FakeAsyncExchange exchange = get(late, null).takingOneWriteAtATime();
        exchange.writable();
        waiting.remove(0).accept(new ModelList.Models(large()));
        exchange.timeOut();
        exchange.writable();

        assertThat(exchange.body()).doesNotContain("timeout");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.completions()).isEqualTo(1);
        assertThat(exchange.dispatched()).as("so that the client notices").isTrue();
    }

    @Test
    void timeout_isFinite() throws Exception {
        assertThat(get(late, null).timeout()).isBetween(1L, 60_000L);
    }

    @Test
    void client_thatLeavesBeforeTheAnswer_endsItAndTheAnswerGoesNowhere() throws Exception {
        FakeAsyncExchange exchange = get(late, null);
        exchange.writable();
        exchange.clientLeft();
        assertThat(exchange.completions()).isEqualTo(1);

        waiting.remove(0).accept(new ModelList.Models(LIST));
        assertThat(exchange.body()).isEmpty();
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void output_thatFails_endsTheAnswer() throws Exception {
        FakeAsyncExchange exchange = get(atOnce, null).failing(new IOException("reset by the test"));
        exchange.writable();

        assertThat(exchange.body()).isEmpty();
        assertThat(exchange.completions()).isEqualTo(1);
    }

    @Test
    void directory_isKeptUntilItHasAnswered() throws Exception {
        FakeAsyncExchange exchange = get(late, null);
        exchange.writable();
        exchange.clientLeft();
        assertThat(leases.open()).as("leases while it is asked").isEqualTo(1);

        waiting.remove(0).accept(new ModelList.Models(LIST));
        assertThat(leases.open()).isZero();
    }

    @Test
    void directory_thatFails_isNotKept() {
        ModelsServlet failing = servlet(reader -> {
            throw new IllegalStateException("by the test");
        });
        assertThatThrownBy(() -> get(failing, "/a")).hasMessage("by the test");
        assertThat(leases.open()).isZero();
    }

    private ModelsServlet servlet(ModelDirectory directory) {
        return new ModelsServlet(request -> leases.of(directory), List.of(new Messages().models()));
    }

    private static ModelList large() {
        return ModelList.read(
                        IntStream.range(0, 5_000)
                                .mapToObj(
                                        i -> "{\"id\":\"vendor/model-" + i + "\",\"text\":\"" + "é".repeat(40) + "\"}")
                                .collect(Collectors.joining(",", "[", "]"))
                                .getBytes(UTF_8),
                        "o")
                .orElseThrow();
    }

    private static FakeAsyncExchange get(ModelsServlet servlet, @Nullable String path) throws Exception {
        FakeAsyncExchange exchange = new FakeAsyncExchange("GET", path);
        servlet.service(exchange.request(), exchange.response());
        return exchange;
    }
}
