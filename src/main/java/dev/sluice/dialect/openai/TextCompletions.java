package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.PassedHeaders;
import java.util.Set;

/** OpenAI's older {@code POST …/completions}: text is continued, and each chunk has its piece in {@code text}. */
public final class TextCompletions implements Dialect {
    public static final String PATH = "/completions";

    @Override
    public String name() {
        return "completions";
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public PassedHeaders headers() {
        return ChatCompletions.HEADERS;
    }

    @Override
    public Set<String> ownFields() {
        return Set.of("model", "stream", CompletionFields.STREAM_OPTIONS);
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return CompletionBody.read(body, length, ChunkForm.TEXT);
    }

    @Override
    public String error(Failure failure) {
        return ErrorJson.text(failure);
    }
}
