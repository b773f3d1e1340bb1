package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.test.dialect.Parrot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Which providers are asked for a request in a dialect. */
class RoutesTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final ChatDialect COMPLETIONS = new ChatCompletions();
    private static final ChatDialect PARROT = new Parrot();

    private final ManualClock clock = new ManualClock();
    private final List<String> asked = new ArrayList<>();
    private final Provider plain = provider("plain", Set.of("chat-completions"));
    private final Provider bird = provider("bird", Set.of("parrot"));
    private final Routes routes = new Routes(
            new TreeMap<>(Map.of(
                    "m", List.of(new Target(plain, "a")),
                    "both", List.of(new Target(plain, "a"), new Target(bird, "b")))),
            bird,
            List.of(COMPLETIONS, PARROT),
            Map.of("plain", COMPLETIONS, "bird", PARROT),
            new RetryPolicy(1, LONG, false),
            clock);

    @Test
    void model_whoseUpstreamDoesNotSpeakTheDialect_isA404ThatSaysWhichItDoes() {
        Failure failure = refusal(PARROT, "m");

        assertThat(failure.status()).isEqualTo(404);
        assertThat(failure.code()).isEqualTo("dialect_not_spoken");
        assertThat(failure.param()).isEqualTo("model");
        assertThat(failure.message())
                .isEqualTo("The upstream of the model m does not answer /v1/parrot. It answers /v1/chat/completions.");
    }

    @Test
    void otherNames_whoseUpstreamDoesNotSpeakTheDialect_areA404() {
        assertThat(refusal(COMPLETIONS, "any").message())
                .isEqualTo(
                        "The upstream of the model any does not answer /v1/chat/completions. It answers /v1/parrot.");
    }

    @Test
    void model_ofSeveralUpstreams_isAskedForAtThoseThatSpeakTheDialect() throws InvalidRequestException {
        call(PARROT, "both").start(() -> {}, Attempts.UNHEARD);

        assertThat(asked).containsExactly("bird");
    }

    @Test
    void model_whoseUpstreamTakesNoPrompts_isA404ThatSaysWhatItDoes() {
        Routes mute = new Routes(
                new TreeMap<>(Map.of("m", List.of(new Target(bird, "b")))),
                null,
                List.of(COMPLETIONS, PARROT),
                Map.of("plain", COMPLETIONS),
                new RetryPolicy(1, LONG, false),
                clock);
        Failure failure = refusal(() -> mute.chatDialects("m", any -> true));

        assertThat(failure.status()).isEqualTo(404);
        assertThat(failure.code()).isEqualTo("dialect_not_spoken");
        assertThat(failure.message())
                .isEqualTo("The upstream of the model m does not answer /chat. It answers /v1/parrot.");
        assertThat(refusal(() -> mute.prompt("m", List.of(), () -> {})).code()).isEqualTo("dialect_not_spoken");
    }

    @Test
    void prompt_isPutOnlyToThoseUpstreamsThatTakeOne() throws InvalidRequestException {
        Routes one = new Routes(
                new TreeMap<>(Map.of("m", List.of(new Target(bird, "b"), new Target(plain, "a")))),
                null,
                List.of(COMPLETIONS, PARROT),
                Map.of("plain", COMPLETIONS),
                new RetryPolicy(1, LONG, false),
                clock);
        assertThat(one.chatDialects("m", any -> true)).containsExactly(COMPLETIONS);
    }

    @Test
    void unknownModel_isA404ThatListsOnlyWhatTheClientMayUse() {
        Routes aliases = new Routes(
                new TreeMap<>(Map.of("m", List.of(new Target(plain, "a")), "secret", List.of(new Target(plain, "b")))),
                null,
                List.of(COMPLETIONS),
                Map.of("plain", COMPLETIONS),
                new RetryPolicy(1, LONG, false),
                clock);
        assertThat(refusal(() -> call(aliases, COMPLETIONS, "any", "m"::equals)).message())
                .isEqualTo("There is no model any here. There is m.");
    }

    private Failure refusal(Dialect dialect, String model) {
        return refusal(() -> call(dialect, model));
    }

    private static Failure refusal(ThrowingCallable refused) {
        return catchThrowableOfType(InvalidRequestException.class, refused).failure();
    }

    private Upstream call(Dialect dialect, String model) throws InvalidRequestException {
        return call(routes, dialect, model, any -> true);
    }

    private static Upstream call(Routes routes, Dialect dialect, String model, Predicate<String> usable)
            throws InvalidRequestException {
        byte[] body = ("{\"model\":\"" + model + "\"}").getBytes(UTF_8);
        return routes.call(dialect, dialect.read(body, body.length), Passed.NONE, usable, () -> {});
    }

    private Provider provider(String name, Set<String> dialects) {
        Function<byte[], LocalAnswer> answer = body -> {
            asked.add(name);
            return new LocalAnswer.Refused(503, null, "{}");
        };
        return new LocalProvider(
                new Provider.Profile(
                        name,
                        1,
                        new UpstreamTimeouts(LONG, LONG, LONG, LONG),
                        true,
                        false,
                        RequestDefaults.NONE,
                        dialects),
                new ProviderWords(List.of()),
                clock,
                Map.of(COMPLETIONS.path(), answer, PARROT.path(), answer),
                ModelList.of(List.of()));
    }
}
