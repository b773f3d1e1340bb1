package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What plans allow: models and the longest answer. {@code ada} has a plan of her own, {@code bob} that of his group, {@code cyd}
 * the default, and {@code dan} one without limits.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class PlansIT {
    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    PlansIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        Launch launch = Launch.at(upstream.url())
                .with("sluice.upstream.defaults", "{\"max_tokens\":9000,\"top_p\":1}")
                .with("sluice.metrics.open", "true")
                .with("sluice.chat.model", "grok")
                .with("sluice.chat.max-tokens-field", "max_completion_tokens")
                .with("sluice.models.grok", "default/grok-4")
                .with("sluice.models.big", "default/gpt-9")
                .with("sluice.models.*", "default/*")
                .with("sluice.plans.own.models", "grok")
                .with("sluice.plans.own.max-output-tokens", "500")
                .with("sluice.callers.ada.plan", "own")
                .with("sluice.plans.team.models", "open/*")
                .with("sluice.callers.bob.groups", "guests, the:team/1")
                .with("sluice.groups.the:team/1.plan", "team")
                .with("sluice.plans.default.models", "grok, open/l*")
                .with("sluice.plans.default.max-output-tokens", "2000")
                .with("sluice.plans.free.models", "*")
                .with("sluice.callers.dan.plan", "free");
        for (String caller : List.of("ada", "bob", "cyd", "dan")) {
            launch = launch.with("sluice.callers." + caller + ".key", key(caller));
        }
        container = kind.start(launch);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @BeforeEach
    void script() {
        upstream.script(exchange -> {
            if (exchange.head().startLine().startsWith("GET ")) {
                exchange.answer(
                        200,
                        "application/json",
                        "{\"data\":[{\"id\":\"open/llama\"},{\"id\":\"open/qwen\"},{\"id\":\"gpt-9\"}]}");
            } else {
                exchange.stream().token("a").finish();
            }
        });
    }

    // ---- Models.

    @ParameterizedTest
    @CsvSource({
        "ada, grok",
        "bob, open/llama open/qwen",
        "cyd, grok open/llama",
        "dan, big grok open/llama open/qwen gpt-9"
    })
    void models_areThoseOfThePlan(String caller, String models) throws IOException {
        try (RawClient client = get(caller, "/v1/models")) {
            assertThat(Json.read(client.body()).path("data").valueStream().map(model -> model.path("id")
                            .asString()))
                    .containsExactly(models.split(" "));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ada | big        | There is grok.",
                "ada | open/llama | There is grok.",
                "ada | none       | There is grok.",
                "bob | grok       | There are open/llama, open/qwen.",
                "cyd | open/qwen  | There are grok, open/llama.",
            })
    void model_thatIsNotInThePlan_isNotThere(String caller, String model, String known) throws IOException {
        try (RawClient client = get(caller, "/v1/models/" + model)) {
            assertThat(client.status()).isEqualTo(404);
            JsonNode error = Json.read(client.body()).path("error");
            assertThat(error.path("code").asString()).isEqualTo("model_not_found");
            assertThat(error.path("message").asString()).isEqualTo("There is no model " + model + " here. " + known);
        }
        try (RawClient client = get("dan", "/v1/models/" + (model.equals("none") ? "big" : model))) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"ada, big", "ada, gpt-9", "bob, grok", "cyd, open/qwen"})
    void request_forAModelThatIsNotInThePlan_is403_andNothingIsAskedUpstream(String caller, String model)
            throws IOException {
        for (String path : List.of("/v1/chat/completions", "/chat")) {
            try (RawClient client = post(caller, path, "{\"model\":\"" + model + "\"" + rest(path) + "}")) {
                assertThat(client.status()).isEqualTo(403);
                assertThat(client.body()).contains("\"model_not_allowed\"");
            }
        }
        try (RawClient client = post("dan", "/v1/chat/completions", "{\"model\":\"big\",\"stream\":true}")) {
            assertThat(client.status()).isEqualTo(200);
        }
        assertThat(upstream.next().body())
                .as("the first that the upstream gets")
                .contains("\"gpt-9\"");
    }

    // ---- The longest answer.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ada | {'model':'grok' , 'stream':true} | {'top_p':1,'max_completion_tokens':500,'model':'grok-4' , 'stream':true}",
                "ada | {'model':'grok','stream':true,'max_tokens': 500} | {'top_p':1,'model':'grok-4','stream':true,'max_tokens': 500}",
                "ada | {'model':'grok','stream':true,'n':5} | {'top_p':1,'max_completion_tokens':100,'model':'grok-4','stream':true,'n':5}",
                "dan | {'model':'grok','stream':true} | {'max_tokens':9000,'top_p':1,'model':'grok-4','stream':true}",
            })
    void completion_hasTheLongestAnswerOfThePlan_asTheUpstreamSeesIt(String caller, String json, String sent)
            throws IOException {
        try (RawClient client = post(caller, "/v1/chat/completions", json.replace('\'', '"'))) {
            assertThat(client.status()).isEqualTo(200);
        }
        assertThat(upstream.next().body().replace("\"stream_options\":{\"include_usage\":true},", ""))
                .isEqualTo(sent.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ada | 0   | 500",
                "ada | 7   | 7",
                "ada | 500 | 500",
                "cyd | 0   | 1024",
                "dan | 0   | 1024",
                "dan | 3000 | 3000",
            })
    void chat_takesTheSmallerOfItsDefaultAndThePlans(String caller, int wanted, int sent) throws IOException {
        String more = wanted == 0 ? "" : ",\"max_tokens\":" + wanted;
        try (RawClient client = post(caller, "/chat", "{\"prompt\":\"Hi\"" + more + "}")) {
            assertThat(client.status()).isEqualTo(200);
        }
        JsonNode body = Json.read(upstream.next().body());
        assertThat(body.path("max_completion_tokens").asInt()).isEqualTo(sent);
        assertThat(body.has("max_tokens")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat/completions", "/v1/completions", "/chat"})
    void request_forALongerAnswer_is400ThatNamesThePlansLimit(String path) throws IOException {
        String json = "{\"model\":\"grok\",\"max_tokens\":501" + rest(path) + "}";
        try (RawClient client = post("ada", path, json)) {
            assertThat(client.status()).isEqualTo(400);
            JsonNode error = Json.read(client.body()).path("error");
            assertThat(error.path("param").asString()).isEqualTo("max_tokens");
            assertThat(error.path("message").asString())
                    .isEqualTo(
                            "\"max_tokens\" must be a whole number from 1 to 500: the longest answer of plan \"own\" is"
                                    + " 500 tokens.");
        }
        try (RawClient client = post("cyd", path, json)) {
            assertThat(client.status()).isEqualTo(200);
        }
        assertThat(upstream.next().body())
                .as("the first that the upstream gets")
                .contains("501");
    }

    @Test
    void request_forAnUnknownModel_isToldOfNoOther() throws IOException {
        // Every name leads somewhere here, so that the plan says no before anything is said of models.
        try (RawClient client = post("ada", "/v1/chat/completions", "{\"model\":\"none\"}")) {
            assertThat(client.status()).isEqualTo(403);
            assertThat(client.body()).doesNotContain("big", "gpt-9");
        }
    }

    private static String rest(String path) {
        return path.equals("/chat") ? ",\"prompt\":\"Hi\"" : ",\"stream\":true";
    }

    private static String key(String caller) {
        return caller + "-key-of-the-test";
    }

    private static RawClient get(String caller, String path) throws IOException {
        return RawClient.connect(container.base())
                .begin("GET", path, "Authorization: Bearer " + key(caller), "Connection: close");
    }

    private static RawClient post(String caller, String path, String json) throws IOException {
        return RawClient.connect(container.base()).post(path, json, "Authorization: Bearer " + key(caller));
    }
}
