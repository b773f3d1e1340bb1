package dev.sluice.dialect;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.relay.Translator;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request whose answer must not be longer than a plan allows. */
record LimitedRequest(JsonRequest request, OutputLimit limit) implements ApiRequest {
    @Override
    public @Nullable String model() {
        return request.model();
    }

    @Override
    public boolean streams() {
        return request.streams();
    }

    @Override
    public @Nullable Long outputTokens() {
        return request.outputTokens();
    }

    @Override
    public ApiRequest limitedTo(LongestAnswer longest, String chatField) throws InvalidRequestException {
        return request.limitedTo(longest, chatField);
    }

    @Override
    public void refuseDuplicatesOf(RequestDefaults defaults) throws InvalidRequestException {
        request.refuseDuplicatesOf(defaults);
    }

    @Override
    public List<ByteBuffer> sentAs(@Nullable String model, boolean askForUsage, RequestDefaults defaults) {
        return request.sentAs(model, askForUsage, defaults, limit);
    }

    @Override
    public Translator translator(AnswerContext context) {
        return request.translator(context);
    }
}
