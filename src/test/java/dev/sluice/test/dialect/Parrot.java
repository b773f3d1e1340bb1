package dev.sluice.test.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.OutputFields;
import dev.sluice.dialect.PassedHeaders;
import dev.sluice.dialect.PassingTranslator;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestFields;
import dev.sluice.dialect.TextTranslator;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The smallest dialect. A token is {@code {"say":"…"}}. The end is an event {@code over} with {@code
 * {"heard":3,"said":2}}. An error is an event {@code squawk} with {@code {"squawk":"…"}}, which is also the body of an
 * error response.
 */
public final class Parrot implements ChatDialect {
    private static final PassedHeaders HEADERS = PassedHeaders.COMMON.and(List.of("X-Perch"), List.of("x-mood"));

    /** How many words it may say. */
    private static final OutputFields.Names OUTPUT = new OutputFields.Names(List.of("words"), List.of(), List.of());

    @Override
    public String name() {
        return "parrot";
    }

    @Override
    public String path() {
        return "/parrot";
    }

    @Override
    public PassedHeaders headers() {
        return HEADERS;
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return new Request(body, RequestFields.of(body, length, OUTPUT));
    }

    @Override
    public String error(Failure failure) {
        return squawk(failure);
    }

    @Override
    public Failure refused(ErrorAnswer answer, ProviderWords words) {
        String said = words.quote(field("squawk", answer.body(), 0, answer.body().length));
        return said.isEmpty()
                ? answer.failure(words)
                : new Failure(answer.status(), "parrot_error", "upstream_" + answer.status(), "It said: " + said);
    }

    @Override
    public void write(Prompt prompt, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("model", Json.wellFormed(prompt.model()));
        json.writeBooleanProperty("stream", true);
        json.writeStringProperty("hear", Json.wellFormed(prompt.request().prompt()));
        json.writeEndObject();
    }

    @Override
    public Translator textTranslator(boolean wantsReasoning, AnswerContext context) {
        return new Text(context, wantsReasoning);
    }

    private static String squawk(Failure failure) {
        return "{\"squawk\":\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(failure.message()))
                + "\"}";
    }

    private static @Nullable Usage usage(JsonParser parser, byte[] data, int start) {
        long heard = 0;
        long said = 0;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            heard = name.equals("heard") ? parser.getLongValue() : heard;
            said = name.equals("said") ? parser.getLongValue() : said;
        }
        return new Usage(heard, said, 0, heard + said, "{\"heard\":" + heard + ",\"said\":" + said + "}");
    }

    private static @Nullable Usage usage(byte[] data, int offset, int length) {
        try (JsonParser parser = Json.parser(data, offset, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? usage(parser, data, offset) : null;
        }
    }

    /** The value of a string; null if the first member of the object has another name. */
    private static @Nullable String field(String name, byte[] data, int offset, int length) {
        String json = new String(data, offset, length, StandardCharsets.UTF_8);
        try (JsonParser parser = Json.parser(json)) {
            boolean found = json.startsWith("{")
                    && parser.nextToken() == JsonToken.START_OBJECT
                    && name.equals(parser.nextName())
                    && parser.nextToken() == JsonToken.VALUE_STRING;
            return found ? parser.getString() : null;
        }
    }

    private static final class Request extends JsonRequest {
        Request(byte[] json, RequestFields fields) {
            super(json, fields);
        }

        @Override
        public Translator translator(AnswerContext context) {
            return streams()
                    ? new Repeated(context)
                    : new JsonTranslator(context.words(), Parrot::usage, Parrot::squawk);
        }
    }

    /** Passes its events on. */
    private static final class Repeated extends PassingTranslator {
        Repeated(AnswerContext context) {
            super(context);
        }

        @Override
        protected Meaning event(SseEncoder out) {
            switch (decoder.type()) {
                case "over" -> {
                    usage(usage(decoder.data(), decoder.dataOffset(), decoder.dataLength()));
                    passLast(out);
                    return Meaning.WHOLE;
                }
                case "squawk" -> {
                    return failWithEvent(
                            Failure.upstream("squawk", context().words().quote(decoder.text())));
                }
                default -> {
                    pass(out);
                    return Meaning.TOKEN;
                }
            }
        }

        @Override
        protected void tell(Failure reason, SseEncoder out) {
            out.event("squawk", squawk(reason));
        }

        private static @Nullable Usage usage(byte[] data, int offset, int length) {
            return Parrot.usage(data, offset, length);
        }
    }

    /** Reads the text of its events for {@code /chat}. */
    private static final class Text extends TextTranslator {
        Text(AnswerContext context, boolean wantsReasoning) {
            super(context, wantsReasoning);
        }

        @Override
        protected Meaning event(SseEncoder out) {
            if (decoder.type().equals("over")) {
                finished("over");
                usage(Parrot.usage(decoder.data(), decoder.dataOffset(), decoder.dataLength()));
                return Meaning.WHOLE;
            }
            String word = field("say", decoder.data(), decoder.dataOffset(), decoder.dataLength());
            if (word == null || word.isEmpty()) {
                return fail(errorInEvent());
            }
            content(word.toCharArray(), 0, word.length(), out);
            return Meaning.TOKEN;
        }
    }
}
