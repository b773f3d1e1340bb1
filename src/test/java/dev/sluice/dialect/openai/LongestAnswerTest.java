package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.RequestDefaults;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The longest answer that requests of completions ask for, and that a plan allows them. */
class LongestAnswerTest {
    private static final Dialect CHAT = new ChatCompletions();
    private static final Dialect TEXT = new TextCompletions();
    private static final LongestAnswer OF_500 = new LongestAnswer("team", 500);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{} | -",
                "{'max_tokens':null} | -",
                "{'max_tokens':7} | 7",
                "{'max_completion_tokens':7} | 7",
                "{'max_tokens':7,'max_completion_tokens':9} | 9",
                "{'max_tokens':7,'n':3} | 21",
                "{'max_tokens':7,'n':null} | 7",
                "{'n':3,'best_of':5,'max_tokens':7} | 35",
                "{'max_tokens':9223372036854775807,'n':3} | 9223372036854775807",
                "{'max_tokens':99999999999999999999999999} | 9223372036854775807",
                "{'max_tokens':7,'n':99999999999999999999999999} | 15032385529",
                "{'max_tokens':-1} | -",
                "{'max_tokens':0} | -",
                "{'max_tokens':1e3} | -",
                "{'max_tokens':'7'} | -",
                "{'max_tokens':{'max_tokens':7}} | -",
                "{'x':{'max_tokens':7}} | -",
                "{'max\\u005ftokens':7} | 7",
            })
    void outputTokens_areThoseOfAllAnswers(String json, @Nullable Long tokens) throws InvalidRequestException {
        assertThat(read(CHAT, json).outputTokens()).isEqualTo(tokens);
    }

    @Test
    void outputTokens_ofSeveralPrompts_areThoseOfAll() throws InvalidRequestException {
        assertThat(read(TEXT, "{'prompt':['a','b'],'max_tokens':7,'n':2}").outputTokens())
                .isEqualTo(28);
        assertThat(read(new Embeddings(), "{'input':'a','max_tokens':7}").outputTokens())
                .isZero();
    }

    /** Nothing but the limit changes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                  | {'max_tokens':500}",
                "{ 'a' : 1 }                         | {'max_tokens':500, 'a' : 1 }",
                "{'max_tokens' : null , 'b':2}       | {'max_tokens' : 500 , 'b':2}",
                "{'max_completion_tokens':null}      | {'max_tokens':500,'max_completion_tokens':null}",
                "{'max_tokens':500}                  | {'max_tokens':500}",
                "{'max_tokens':  1}                  | {'max_tokens':  1}",
                "{'max_completion_tokens':7}         | {'max_completion_tokens':7}",
                "{'max_tokens':null,'max_completion_tokens':7} | {'max_tokens':null,'max_completion_tokens':7}",
                "{'n':2}                             | {'max_tokens':250,'n':2}",
                "{'n':3}                             | {'max_tokens':166,'n':3}",
                "{'n':null}                          | {'max_tokens':500,'n':null}",
                "{'n':500}                           | {'max_tokens':1,'n':500}",
                "{'n':2,'max_tokens':250}            | {'n':2,'max_tokens':250}",
                "{'n_predict':7}                     | {'max_tokens':500,'n_predict':7}",
                "{'n_cmpl':5,'n':2}                  | {'max_tokens':100,'n_cmpl':5,'n':2}",
                "{'x':{'max_tokens':9000}}           | {'max_tokens':500,'x':{'max_tokens':9000}}",
            })
    void request_thatAsksForNoMore_isSentWithTheLimit(String json, String sent) throws InvalidRequestException {
        assertThat(sent(read(CHAT, json).limitedTo(OF_500, "max_tokens"), RequestDefaults.NONE)
                        .strip())
                .isEqualTo(quotes(sent));
    }

    @Test
    void limit_isWrittenInTheFieldThatTheOperatorHasSet_andInThatOfTheDialect() throws InvalidRequestException {
        assertThat(sent(read(CHAT, "{}").limitedTo(OF_500, "max_completion_tokens"), RequestDefaults.NONE))
                .isEqualTo(quotes("{'max_completion_tokens':500}"));
        assertThat(sent(read(TEXT, "{}").limitedTo(OF_500, "max_completion_tokens"), RequestDefaults.NONE))
                .as("the older completions have the older name only")
                .isEqualTo(quotes("{'max_tokens':500}"));
        assertThat(sent(read(TEXT, "{'prompt':['a','b']}").limitedTo(OF_500, "max_tokens"), RequestDefaults.NONE))
                .isEqualTo(quotes("{'max_tokens':250,'prompt':['a','b']}"));
        assertThat(sent(read(new Embeddings(), "{}").limitedTo(OF_500, "max_tokens"), RequestDefaults.NONE))
                .isEqualTo("{}");
    }

    /** Each row: the request; the field at fault; the words that tell why. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'max_tokens':501} | max_tokens | from 1 to 500: the longest answer of plan \"team\" is 500 tokens.",
                "{'max_completion_tokens':501} | max_completion_tokens | from 1 to 500",
                "{'max_tokens':1,'max_completion_tokens':501} | max_completion_tokens | from 1 to 500",
                "{'max_tokens':9223372036854775808} | max_tokens | from 1 to 500",
                "{'max_tokens':251,'n':2} | max_tokens | from 1 to 250: the longest answer of plan \"team\" is 500 tokens,"
                        + " and the request asks for 2 answers.",
                "{'n':501} | n | from 1 to 500",
                "{'n':99999999999999999999999} | n | from 1 to 500",
                "{'n_predict':501,'max_tokens':1} | n_predict | from 1 to 500",
                "{'n_cmpl':501} | n_cmpl | from 1 to 500",
                "{'best_of':501} | best_of | from 1 to 500",
                // Upstreams may take them for something else, or for no limit at all.
                "{'max_tokens':-1} | max_tokens | from 1 to 500",
                "{'max_tokens':0} | max_tokens | from 1 to 500",
                "{'max_tokens':1e3} | max_tokens | from 1 to 500",
                "{'max_tokens':'501'} | max_tokens | from 1 to 500",
                "{'max_tokens':[1]} | max_tokens | from 1 to 500",
                "{'n':2.0} | n | from 1 to 500",
                "{'n':'2'} | n | from 1 to 500",
                "{'n_predict':-1} | n_predict | from 1 to 500",
                "{'max_tokens':1,'max_tokens':501} | max_tokens | more than once",
                "{'max_tokens':1,'max_tokens':null} | max_tokens | more than once",
                "{'n':1,'n':1} | n | more than once",
                "{'max_tokens':1,'Max_Tokens':501} | max_tokens | must be written in lower case",
                "{'max_to\\u212aens':501} | max_tokens | must be written in lower case",
                "{'N':1} | n | must be written in lower case",
            })
    void request_thatAsksForMore_isRefused(String json, String field, String words) throws InvalidRequestException {
        Failure failure = refusal(CHAT, json);
        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.param()).isEqualTo(field);
        assertThat(failure.message()).contains('"' + field + '"', words);
        read(CHAT, json); // without a plan it passes as it is
    }

    @Test
    void prompts_thatAreMoreThanTheLimit_areRefused() throws InvalidRequestException {
        LongestAnswer two = new LongestAnswer("team", 2);
        ApiRequest request = read(TEXT, "{'prompt':['a','b','c']}");
        Failure failure = catchThrowableOfType(
                        InvalidRequestException.class, () -> request.limitedTo(two, "max_tokens"))
                .failure();
        assertThat(failure.param()).isEqualTo("prompt");
        assertThat(failure.message()).contains("2 entries", "plan \"team\"");
        assertThat(refusal(TEXT, "{'prompt':['a','b'],'n':251}").param()).isEqualTo("n");
        assertThat(refusal(TEXT, "{'prompt':['a','b'],'n':2,'max_tokens':126}").message())
                .contains("from 1 to 125", "4 answers");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | {'max_tokens':9000} | {'max_tokens':500}",
                "{} | {'max_tokens':500} | {'max_tokens':500}",
                "{} | {'max_tokens':100,'top_p':1} | {'max_tokens':100,'top_p':1}",
                "{} | {'max_completion_tokens':100} | {'max_completion_tokens':100}",
                "{} | {'max_completion_tokens':501} | {'max_tokens':500}",
                "{} | {'max_tokens':-1} | {'max_tokens':500}",
                "{} | {'max_tokens':0} | {'max_tokens':500}",
                "{} | {'max_tokens':'100'} | {'max_tokens':500}",
                "{} | {'max_tokens':null} | {'max_tokens':500}",
                "{'max_tokens':7} | {'max_tokens':100} | {'max_tokens':7}",
                "{'max_tokens':7} | {'max_completion_tokens':100} | {'max_tokens':7}",
                "{'max_tokens':null} | {'max_tokens':9000} | {'max_tokens':500}",
                "{'n':2} | {'max_tokens':300} | {'max_tokens':250,'n':2}",
                "{} | {'n':2} | {'max_tokens':500}",
                "{} | {'n':1} | {'n':1,'max_tokens':500}",
                "{} | {'n_predict':9000} | {'max_tokens':500}",
                "{} | {'n_predict':9} | {'n_predict':9,'max_tokens':500}",
            })
    void defaultsOfTheOperator_makeNoAnswerLonger(String json, String defaults, String sent)
            throws InvalidRequestException {
        assertThat(sent(
                        read(CHAT, json).limitedTo(OF_500, "max_tokens"),
                        RequestDefaults.parse(quotes(defaults), Set.of())))
                .isEqualTo(quotes(sent));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'model':'a','Model':'b'}", "{'MODEL':'b','model':'a'}"})
    void modelInTwoCases_isRefused(String json) {
        Failure failure = catchThrowableOfType(InvalidRequestException.class, () -> read(CHAT, json))
                .failure();
        assertThat(failure.code()).isEqualTo("duplicate_field");
        assertThat(failure.param()).isEqualTo("model");
    }

    /** Its answers could be more than are counted here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'prompt':['a','b','c'],'prompt':'a'} | duplicate_field",
                "{'prompt':'a','Prompt':['a','b','c']} | invalid_value",
                "{'PROMPT':['a','b','c']} | invalid_value",
            })
    void promptsThatProvidersCouldCountInOtherWays_areRefusedWhereAnswersAreLimited(String json, String code)
            throws InvalidRequestException {
        ApiRequest request = read(TEXT, json);
        Failure failure = catchThrowableOfType(
                        InvalidRequestException.class, () -> request.limitedTo(OF_500, "max_tokens"))
                .failure();
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.param()).isEqualTo("prompt");
        assertThat(read(CHAT, json).limitedTo(OF_500, "max_tokens")).isNotNull();
    }

    /** Whatever is sent asks for no more than the limit, in each of the fields. */
    @Test
    void request_ofAnyShape_isNeverSentForMore() {
        JsonMapper mapper = JsonMapper.shared();
        RequestDefaults[] defaults = {
            RequestDefaults.NONE,
            RequestDefaults.parse(quotes("{'max_tokens':9000,'n':4}"), Set.of()),
            RequestDefaults.parse(quotes("{'max_completion_tokens':40,'n_predict':-1}"), Set.of())
        };
        String[] names = {"max_tokens", "max_completion_tokens", "n", "n_predict", "n_cmpl", "best_of", "x"};
        String[] values = {"1", "2", "3", "250", "500", "501", "null", "-1", "0", "1e2", "\"1\"", "{}"};
        int limited = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            List<String> members = new ArrayList<>();
            for (String name : names) {
                if (random.nextInt(3) == 0) {
                    members.add("\"" + name + "\":" + values[random.nextInt(values.length)]);
                }
            }
            String json = "{" + String.join(",", members) + "}";
            String sent;
            try {
                sent = sent(read(CHAT, json).limitedTo(OF_500, "max_tokens"), defaults[random.nextInt(3)]);
            } catch (InvalidRequestException refused) {
                continue;
            }
            limited++;
            JsonNode tree = mapper.readTree(sent);
            long answers = Math.max(
                    Math.max(1, tree.path("n").asLong(1)),
                    Math.max(tree.path("n_cmpl").asLong(1), tree.path("best_of").asLong(1)));
            long longest = Math.max(
                    tree.path("max_tokens").asLong(0),
                    tree.path("max_completion_tokens").asLong(0));
            assertThat(longest * answers).as("seed %d: %s", seed, sent).isBetween(1L, 500L);
            assertThat(tree.path("n_predict").asLong(1) * answers)
                    .as("seed %d: %s", seed, sent)
                    .isBetween(1L, 500L);
        }
        assertThat(limited).isGreaterThan(2_000);
    }

    private static Failure refusal(Dialect dialect, String json) throws InvalidRequestException {
        ApiRequest request = read(dialect, json);
        InvalidRequestException refused =
                catchThrowableOfType(InvalidRequestException.class, () -> request.limitedTo(OF_500, "max_tokens"));
        assertThat(refused).as(json).isNotNull();
        return refused.failure();
    }

    private static ApiRequest read(Dialect dialect, String json) throws InvalidRequestException {
        byte[] bytes = quotes(json).getBytes(UTF_8);
        return dialect.read(bytes, bytes.length);
    }

    private static String sent(ApiRequest request, RequestDefaults defaults) {
        StringBuilder body = new StringBuilder();
        for (ByteBuffer slice : request.sentAs(null, false, defaults)) {
            body.append(UTF_8.decode(slice));
        }
        return body.toString();
    }

    private static String quotes(String json) {
        return json.replace('\'', '"');
    }
}
