package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.RequestDefaults;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CompletionBodyTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final RequestDefaults DEFAULTS =
            RequestDefaults.parse(quotes("{'temperature': 0.2 , 'é':['}']}"), new ChatCompletions().ownFields());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            quoteCharacter = '`',
            value = {
                "{}                                                                | -   | false | false",
                "{'model':null,'stream':null,'stream_options':null}                | -   | false | false",
                "{'model':'a','stream':true}                                       | a   | true  | false",
                "{'stream':true,'stream_options':{'include_usage':true}}           | -   | true  | true",
                "{'stream':true,'stream_options':{'x':{},'include_usage':null}}    | -   | true  | false",
                "{'stream':false,'stream_options':{'include_usage':true}}          | -   | false | true",
                "{'\\u006dodel':'\\u0062','str\\u0065am':true}                     | b   | true  | false",
                "{'messages':[{'model':'x','stream':true}],'model':' b '}          | ` b ` | false | false",
            })
    void body_saysWhatMattersToUs(String json, @Nullable String model, boolean streams, boolean wantsUsage)
            throws InvalidRequestException {
        CompletionBody body = read(json);
        assertThat(body.model()).isEqualTo(model);
        assertThat(body.streams()).isEqualTo(streams);
        assertThat(body.wantsUsage()).isEqualTo(wantsUsage);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                       | 1",
                "{'n':2,'model':'m'}      | 2",
                "{'n':null}               | 1",
                "{'n':0}                  | 1",
                "{'n':-1}                 | 1",
                "{'n':2.0}                | 1",
                "{'n':'2'}                | 1",
                "{'n':99999999999}        | 1",
                "{'n':{'a':[3]},'x':1}    | 1",
                "{'x':{'n':3}}            | 1",
            })
    void choices_areThoseAskedForOrOne(String json, int choices) throws InvalidRequestException {
        assertThat(read(json).choices()).isEqualTo(choices);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // the model
                "{'model':'b','x':1}              | {'model':'b','x':1}",
                "{'model':'\\u0062'}              | {'model':'\\u0062'}",
                "{ 'é' : '😀' , 'model' : 'é' , 'x' : 1 } | { 'é' : '😀' , 'model' : 'b' , 'x' : 1 }",
                "{'model':null}                   | {'model':'b'}",
                "{'messages':[]}                  | {'model':'b','messages':[]}",
                "{ 'messages':[]}                 | {'model':'b', 'messages':[]}",
                "{}                               | {'model':'b'}",
                "{ }                              | {'model':'b' }",
                // usage
                "{'model':'b','stream':false}     | {'model':'b','stream':false}",
                "{'model':'b','stream_options':{}} | {'model':'b','stream_options':{}}",
                "{'model':'b','stream':true}      | {'stream_options':{'include_usage':true},'model':'b','stream':true}",
                "{'model':'b','stream':true,'stream_options':null} | {'model':'b','stream':true,'stream_options':{'include_usage':true}}",
                "{'model':'b','stream':true,'stream_options':{ }} | {'model':'b','stream':true,'stream_options':{'include_usage':true }}",
                "{'stream_options':{'é':1},'model':'b','stream':true} | {'stream_options':{'include_usage':true,'é':1},'model':'b','stream':true}",
                "{'stream_options':{'include_usage' : false },'model':'b','stream':true} | {'stream_options':{'include_usage' : true },'model':'b','stream':true}",
                "{'stream_options':{'include_usage':null},'model':'b','stream':true} | {'stream_options':{'include_usage':true},'model':'b','stream':true}",
                "{'stream_options':{'include_usage':true},'model':'b','stream':true} | {'stream_options':{'include_usage':true},'model':'b','stream':true}",
                // both, from the end to the start
                "{'stream_options':null,'model':'a','stream':true} | {'stream_options':{'include_usage':true},'model':'b','stream':true}",
                "{'stream':true}                  | {'model':'b','stream_options':{'include_usage':true},'stream':true}",
            })
    void body_sentToAnotherModel_changesOnlyThere(String json, String sent) throws InvalidRequestException {
        assertThat(text(read(json).sentAs("b", true, RequestDefaults.NONE))).isEqualTo(quotes(sent));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                     | {'temperature': 0.2,'é':['}']}",
                "{'x':1}                | {'temperature': 0.2,'é':['}'],'x':1}",
                "{'temperature':null}   | {'é':['}'],'temperature':null}",
                "{'temp\\u0065rature':1}| {'é':['}'],'temp\\u0065rature':1}",
                "{'é':1,'temperature':1}| {'é':1,'temperature':1}",
                "{'x':{'é':1}}          | {'temperature': 0.2,'é':['}'],'x':{'é':1}}",
            })
    void body_thatLacksDefaults_isGivenThem(String json, String sent) throws InvalidRequestException {
        assertThat(text(read(json).sentAs(null, false, DEFAULTS))).isEqualTo(quotes(sent));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", " {'model':'a','x':[1, 2]}\r\n", "{'stream':true,'stream_options':{}}"})
    void body_thatNeedsNoChange_isOneSliceOfItself(String json) throws InvalidRequestException {
        byte[] bytes = bytes(json);

        List<ByteBuffer> sent = CompletionBody.read(bytes, bytes.length).sentAs(null, false, RequestDefaults.NONE);

        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).array()).isSameAs(bytes);
        assertThat(text(sent)).isEqualTo(quotes(json));
    }

    @Test
    void byteOrderMark_isDropped() throws InvalidRequestException {
        assertThat(text(read("\uFEFF{'é':1,'model':'a'}").sentAs("b", false, RequestDefaults.NONE)))
                .isEqualTo(quotes("{'é':1,'model':'b'}"));
        assertThat(text(read("\uFEFF{}").sentAs(null, true, RequestDefaults.NONE)))
                .isEqualTo("{}");
    }

    @Test
    void body_shorterThanItsArray_endsWhereItSays() throws InvalidRequestException {
        byte[] bytes = bytes("{'x':1} left over");

        CompletionBody body = CompletionBody.read(bytes, 7);

        assertThat(text(body.sentAs("b", false, RequestDefaults.NONE))).isEqualTo(quotes("{'model':'b','x':1}"));
    }

    @Test
    void body_sentTwice_isTheSameAgain() throws InvalidRequestException {
        CompletionBody body = read("{'model':'a','stream':true}");
        String first = text(body.sentAs("b", true, DEFAULTS));

        assertThat(text(body.sentAs(null, false, RequestDefaults.NONE)))
                .isEqualTo(quotes("{'model':'a','stream':true}"));
        assertThat(text(body.sentAs("b", true, DEFAULTS))).isEqualTo(first);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                arguments("a\"b\\c/\n\u0000", "a\"b\\c/\n\u0000"),
                arguments("é😀", "é😀"),
                arguments("a\ud83d", "a\uFFFD"),
                arguments("\ude00b", "\uFFFDb"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void model_ofAnyName_isValidJson(String model, String expected) throws InvalidRequestException {
        for (String json : new String[] {"{}", "{'model':'x'}"}) {
            JsonNode sent = MAPPER.readTree(text(read(json).sentAs(model, false, RequestDefaults.NONE)));
            assertThat(sent.path("model").stringValue()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model':''}                                 | model                        | invalid_value",
                "{'model':' \\t'}                             | model                        | invalid_value",
                "{'model':'private\\n'}                       | model                        | invalid_value",
                "{'model':7}                                  | model                        | invalid_value",
                "{'model':['private']}                        | model                        | invalid_value",
                "{'stream':'true'}                            | stream                       | invalid_value",
                "{'stream':1}                                 | stream                       | invalid_value",
                "{'stream':{}}                                | stream                       | invalid_value",
                "{'stream_options':[]}                        | stream_options               | invalid_value",
                "{'stream_options':true}                      | stream_options               | invalid_value",
                "{'stream_options':{'include_usage':'private'}}| stream_options.include_usage | invalid_value",
                "{'stream_options':{'include_usage':{}}}      | stream_options.include_usage | invalid_value",
                "{'model':'a','model':'private'}              | model                        | duplicate_field",
                "{'model':null,'mod\\u0065l':'private'}       | model                        | duplicate_field",
                "{'stream':false,'Stream':true}               | stream                       | invalid_value",
                "{'STREAM':true}                              | stream                       | invalid_value",
                "{'stream':true,'stream':true}                | stream                       | duplicate_field",
                "{'stream_options':{},'stream_options':null}  | stream_options               | duplicate_field",
                "{'stream_options':{'include_usage':true,'include_usage':false}} | stream_options.include_usage | duplicate_field",
            })
    void field_illFormed_isNamed(String json, String field, String code) {
        Failure failure = refused(json);

        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.param()).isEqualTo(field);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.message()).startsWith("\"" + field + "\" ").doesNotContain("private");
    }

    @Test
    void model_ofEndlessLength_isRefused() {
        assertThat(refused("{'model':'" + "a".repeat(257) + "'}").param()).isEqualTo("model");
    }

    @Test
    void otherFields_areNotJudged() throws InvalidRequestException {
        CompletionBody body =
                read("{'messages':7,'n':-1,'temperature':'hot','x':1,'x':2,'stream_options':{'x':1,'x':2}}");

        assertThat(body.model()).isNull();
        body.refuseDuplicatesOf(DEFAULTS);
    }

    @Test
    void field_thatIsThereTwiceAndHasADefault_isRefused() throws InvalidRequestException {
        CompletionBody body = read("{'temperature':1,'temp\\u0065rature':2}");

        InvalidRequestException refusal =
                catchThrowableOfType(InvalidRequestException.class, () -> body.refuseDuplicatesOf(DEFAULTS));

        assertThat(refusal.failure().param()).isEqualTo("temperature");
        assertThat(refusal.failure().code()).isEqualTo("duplicate_field");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "[{}]",
                "'private'",
                "{",
                "{'private'}",
                "{'a':1,}",
                "{'a':1}}",
                "{'a':1} {'private':1}",
                "{'a':1} x",
                "{'a':'private",
                "{'a':'pri\nvate'}",
                "{'a':NaN}",
                "{a:1}",
                "{'a':1}\uFEFF",
                "\uFEFF\uFEFF{}",
            })
    void body_thatIsNoJsonObject_isRefusedUnquoted(String json) {
        Failure failure = refused(json);

        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.code()).isEqualTo("malformed_json");
        assertThat(failure.param()).isNull();
        assertThat(failure.message()).startsWith("The body ").doesNotContain("private", "source", "REDACTED");
    }

    @Test
    void fault_isFoundByLineAndColumn() {
        assertThat(refused("{'a':1,\n 'b':x}").message())
                .isEqualTo("The body is not valid JSON: see line 2, column 6.");
    }

    @Test
    void bytes_thatAreNoUtf8_areRefused() {
        for (int first : new int[] {0xFF, 0xC1, 0xED}) {
            byte[] bytes = bytes("{'a':'xyz'}");
            bytes[6] = (byte) first;
            bytes[7] = (byte) 0xA0;
            bytes[8] = (byte) 0x80;

            assertThat(refused(bytes).code()).as("%x", first).isEqualTo("malformed_text");
        }
    }

    @Test
    void body_nestedBeyondReason_isRefused() {
        Failure failure = refused("{'a':" + "[".repeat(100_000) + "]".repeat(100_000) + "}");

        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.message()).contains("nested too deeply");
    }

    @Test
    void body_ofEndlessFields_isRefused() {
        StringBuilder json = new StringBuilder("{'a':1");
        for (int i = 0; i < 1000; i++) {
            json.append(",'").append(i).append("':0");
        }

        assertThat(refused(json + "}").code()).isEqualTo("too_many_fields");
    }

    @Test
    void image_of25Megabytes_isPassedOverWithoutACopy() throws InvalidRequestException {
        byte[] bytes = new byte[25 << 20];
        Arrays.fill(bytes, (byte) 'A');
        byte[] start = bytes("{'x':'");
        byte[] end = bytes("','model':'a','stream':true}");
        System.arraycopy(start, 0, bytes, 0, start.length);
        System.arraycopy(end, 0, bytes, bytes.length - end.length, end.length);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        CompletionBody body = CompletionBody.read(bytes, bytes.length);
        List<ByteBuffer> sent = body.sentAs("b", true, RequestDefaults.NONE);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes allocated")
                .isLessThan(1 << 20);
        assertThat(body.model()).isEqualTo("a");
        assertThat(sent).hasSize(5);
        assertThat(sent.get(2).array()).isSameAs(bytes);
        assertThat(sent.get(2).remaining()).isGreaterThan(bytes.length - 50);
        assertThat(UTF_8.decode(sent.get(3)).toString()).isEqualTo("\"b\"");
    }

    @Test
    void body_asText_showsNothing() throws InvalidRequestException {
        assertThat(read("{'model':'private'}")).hasToString("CompletionBody[19 bytes]");
    }

    @Test
    void body_ofAnyShape_changesExactlyWhereItMust() throws InvalidRequestException {
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            String json = anyBody(random);
            boolean ask = random.nextBoolean();
            RequestDefaults defaults = random.nextBoolean() ? DEFAULTS : RequestDefaults.NONE;
            String model = random.nextInt(4) == 0 ? null : "\"b\\é";
            byte[] bytes = json.getBytes(UTF_8);

            List<ByteBuffer> sent = CompletionBody.read(bytes, bytes.length).sentAs(model, ask, defaults);

            assertThat(MAPPER.readTree(text(sent)))
                    .as("seed %d: %s", seed, json)
                    .isEqualTo(
                            changed((ObjectNode) MAPPER.readTree(json), model, ask, defaults != RequestDefaults.NONE));
            assertPassedOver(sent, bytes, seed);
        }
    }

    /** Asserts that the client's bytes are there in order, and that only the replaced values are missing. */
    private static void assertPassedOver(List<ByteBuffer> sent, byte[] original, int seed) {
        int at = 0;
        int kept = 0;
        for (ByteBuffer slice : sent) {
            if (slice.array() == original) {
                assertThat(slice.arrayOffset()).as("seed %d", seed).isGreaterThanOrEqualTo(at);
                at = slice.arrayOffset() + slice.remaining();
                kept += slice.remaining();
            }
        }
        assertThat(at).as("seed %d", seed).isEqualTo(original.length);
        assertThat(original.length - kept).as("seed %d: bytes left out", seed).isLessThanOrEqualTo(20);
    }

    private static JsonNode changed(ObjectNode tree, @Nullable String model, boolean ask, boolean defaults) {
        if (model != null) {
            tree.put("model", model);
        }
        if (ask && tree.path("stream").asBoolean(false)) {
            JsonNode options = tree.path("stream_options");
            (options instanceof ObjectNode object ? object : tree.putObject("stream_options"))
                    .put("include_usage", true);
        }
        if (defaults) {
            for (var field :
                    MAPPER.readTree(quotes("{'temperature':0.2,'é':['}']}")).properties()) {
                tree.putIfAbsent(field.getKey(), field.getValue());
            }
        }
        return tree;
    }

    private static String anyBody(Random random) {
        List<String> members = new ArrayList<>();
        maybe(random, members, "model", "\"a\"", "null", "\"\\u00e9\\\"}\"", "\"😀é\"", "\"\\\"b\\\\é\"");
        maybe(random, members, "stream", "true", "true", "false", "null");
        maybe(
                random,
                members,
                random.nextBoolean() ? "stream_options" : "stream\\u005foptions",
                "{}",
                "{ }",
                "null",
                "{\"include_usage\":true}",
                "{\"é\": \"}\" , \"include_usage\" : false , \"x\":1 }",
                "{ \"x\" : [ {} ] }",
                "{\"include\\u005fusage\":null}");
        maybe(random, members, "temperature", "1", "null", "-1.5e3");
        maybe(random, members, "é", "\"é\\\\\"");
        maybe(random, members, "messages", "[{\"content\":\"\\\"model\\\":é😀\\ud83d\\ude00\"}]", "[ ]");
        maybe(random, members, "x\\\"😀", "{\"model\":\"é\",\"stream\":[false]}", "12", "\"\"");
        Collections.shuffle(members, random);
        String separator = random.nextBoolean() ? "," : " ,\n";
        String blank = random.nextBoolean() ? "" : "\t";
        return blank + "{" + blank + String.join(separator, members) + blank + "}" + blank;
    }

    private static void maybe(Random random, List<String> members, String name, String... values) {
        if (random.nextBoolean()) {
            String colon = random.nextBoolean() ? ":" : " :\r\n ";
            members.add("\"" + name + "\"" + colon + values[random.nextInt(values.length)]);
        }
    }

    private static Failure refused(String json) {
        return refused(bytes(json));
    }

    private static Failure refused(byte[] bytes) {
        return catchThrowableOfType(InvalidRequestException.class, () -> CompletionBody.read(bytes, bytes.length))
                .failure();
    }

    private static CompletionBody read(String json) throws InvalidRequestException {
        byte[] bytes = bytes(json);
        return CompletionBody.read(bytes, bytes.length);
    }

    private static String text(List<ByteBuffer> slices) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer slice : slices) {
            byte[] bytes = new byte[slice.remaining()];
            slice.duplicate().get(bytes);
            all.writeBytes(bytes);
        }
        return all.toString(UTF_8);
    }

    private static byte[] bytes(String singleQuoted) {
        return quotes(singleQuoted).getBytes(UTF_8);
    }

    private static String quotes(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }
}
