package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList.Model;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelListTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String WHOLE = "\"object\":\"model\",\"created\":1,\"owned_by\":\"xai\"";

    @Test
    void entry_thatIsWhole_isTakenOverByteForByte() {
        String odd = "{ \"created\" : 1.0e3,\t\"owned_by\":\"é😀\\u00e9\", \"object\":\"model\",\n"
                + "\"id\":\"a\", \"pricing\": {\"id\":\"inner\",\"object\":null,\"x\":[1, {}]} , \"é\":null }";

        assertThat(read("{\"object\":\"list\",\"data\":[ " + odd + " ]}").models())
                .containsExactly(new Model("a", odd));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"id\":\"a\"} | {\"id\":\"a\",\"object\":\"model\",\"created\":0,\"owned_by\":\"o\\\"x\"}",
                "{\"id\":\"a\",\"created\":7, \"v\":1 } | {\"id\":\"a\",\"created\":7, \"v\":1 ,\"object\":\"model\",\"owned_by\":\"o\\\"x\"}",
                "{\"object\":null,\"id\":\"a\",\"created\": null ,\"owned_by\":null} | {\"object\":\"model\",\"id\":\"a\",\"created\": 0 ,\"owned_by\":\"o\\\"x\"}",
                "{\"é\":\"é\",\"created\":null,\"id\":\"a\",\"owned_by\":\"é\"} | {\"é\":\"é\",\"created\":0,\"id\":\"a\",\"owned_by\":\"é\",\"object\":\"model\"}",
            })
    void entry_thatLacksWhatSdksNeed_isCompletedAndElseLeftAsItIs(String entry, String completed) {
        ModelList list =
                ModelList.read(utf8("{\"data\":[" + entry + "]}"), "o\"x").orElseThrow();

        assertThat(list.models()).extracting(Model::json).containsExactly(completed);
        assertThat(MAPPER.readTree(list.toJson()).at("/data/0/owned_by").stringValue())
                .isNotEmpty();
    }

    @Test
    void entries_withoutAUsableIdOrOfOtherTypes_areLeftOut() {
        ModelList list = read("{\"data\":[{},{\"id\":1},{\"id\":null},{\"id\":\"\"},{\"id\":\"" + "x".repeat(513)
                + "\"},7,null,\"a\",[{\"id\":\"b\"}],{\"id\":\"c\"}]}");

        assertThat(list.models()).extracting(Model::id).containsExactly("c");
    }

    @Test
    void entries_ofTheSameId_theFirstCounts() {
        ModelList list = read("[" + entry("b") + "," + entry("a") + ",{\"id\":\"b\",\"second\":1}]");

        assertThat(list.models()).containsExactly(new Model("b", entry("b")), new Model("a", entry("a")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"models\":[{\"id\":\"no\"},{\"name\":\"no\"}],\"object\":\"list\",\"data\":[{\"id\":\"a\"}]}",
                "{\"data\":[{\"id\":\"a\"}],\"models\":[{\"id\":\"no\"}]}",
                "[{\"id\":\"a\"}]",
                " \n{\"data\":[{\"id\":\"a\"}],\"meta\":{\"data\":[{\"id\":\"no\"}]}}",
            })
    void list_inTheShapesOfSeveralServers_isRead(String body) {
        assertThat(read(body).models()).extracting(Model::id).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"data\":[]}", "{\"object\":\"list\",\"data\":null}", "[]"})
    void list_ofNothing_isEmpty(String body) {
        assertThat(read(body).models()).isEmpty();
        assertThat(new String(read(body).toJson(), UTF_8)).isEqualTo("{\"object\":\"list\",\"data\":[]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "\"data\"",
                "<html>",
                "{\"error\":\"no\"}",
                "{\"data\":{\"id\":\"a\"}}",
                "{\"data\":[{\"id\":\"a\"}",
                "{\"data\":[{\"id\":\"a\"",
                "{\"data\":[{\"id\":\"a\"}]",
                "[{\"id\":\"a\"},",
            })
    void answer_thatIsNoListOrIsCut_isUnreadable(String body) {
        assertThat(ModelList.read(utf8(body), "o")).as(body).isEmpty();
    }

    @Test
    void answer_thatIsNoUtf8OrNestedTooDeep_isUnreadable() {
        assertThat(ModelList.read(new byte[] {'[', '{', '"', 'i', 'd', '"', ':', '"', (byte) 0xff, '"', '}', ']'}, "o"))
                .isEmpty();
        assertThat(ModelList.read(utf8("[{\"id\":\"a\",\"x\":" + "[".repeat(1000) + "]".repeat(1000) + "}]"), "o"))
                .isEmpty();
    }

    @Test
    void entries_beyondTheTenThousandth_areLeftOut() {
        String body = IntStream.range(0, 10_001)
                .mapToObj(i -> "{\"id\":\"m" + i + "\"}")
                .collect(Collectors.joining(",", "[", "]"));

        ModelList list = read(body);

        assertThat(list.models()).hasSize(10_000);
        assertThat(list.find("m9999")).isPresent();
        assertThat(list.find("m10000")).isEmpty();
    }

    @Test
    void json_ofAList_holdsTheEntriesAsTheyAre() {
        ModelList list = ModelList.of(List.of(new Model("a", "{\"id\":\"a\" }"), new Model("é", "{\"id\":\"é\"}")));

        assertThat(new String(list.toJson(), UTF_8))
                .isEqualTo("{\"object\":\"list\",\"data\":[{\"id\":\"a\" },{\"id\":\"é\"}]}");
        assertThat(list.toJson()).as("made once").isSameAs(list.toJson());
    }

    @Test
    void alias_isAModelOfOurs() {
        JsonNode json = MAPPER.readTree(Model.alias("my \"model\"\n", Instant.ofEpochSecond(1_700_000_000))
                .toJson());

        assertThat(json).isEqualTo(MAPPER.readTree("""
                        {"id": "my \\"model\\"\\n", "object": "model", "created": 1700000000, "owned_by": "sluice"}
                        """));
    }

    @Test
    void unknownModel_isTheClientsMistakeAndNamesTheKnownOnes() {
        Failure failure = read("[" + entry("a") + "," + entry("b/c") + "]").unknown("gpt-x");

        assertThat(failure.status()).isEqualTo(404);
        assertThat(failure.code()).isEqualTo("model_not_found");
        assertThat(failure.param()).isEqualTo("model");
        assertThat(failure.message()).isEqualTo("There is no model gpt-x here. There are a, b/c.");
    }

    @Test
    void unknownModel_amongMany_namesFiftyAndCountsTheRest() {
        List<String> known = IntStream.rangeClosed(1, 57).mapToObj(i -> "m" + i).toList();

        assertThat(ModelList.unknown("x", known).message())
                .contains("m1, ", "m50 and 7 more.")
                .doesNotContain("m51");
        assertThat(ModelList.unknown("x", known.subList(0, 50)).message()).endsWith("m50.");
        assertThat(ModelList.unknown("x", List.of()).message()).endsWith("There is none at all.");
        assertThat(ModelList.unknown("x".repeat(5000), List.of()).message()).hasSizeLessThan(300);
    }

    private static String entry(String id) {
        return "{\"id\":\"" + id + "\"," + WHOLE + "}";
    }

    private static ModelList read(String body) {
        return ModelList.read(utf8(body), "o").orElseThrow();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
