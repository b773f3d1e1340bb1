package dev.sluice.web;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.config.Settings;
import dev.sluice.openai.ChunkReader;
import dev.sluice.openai.CompletionRequest;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * From a prompt to a call of the upstream.
 *
 * @param defaults what a request leaves out
 * @param simulated whether the simulator answers, which clients are told in a header
 * @param upstream makes a call from a body
 * @param reader makes a reader of one answer's chunks
 */
public record ChatCalls(
        Settings.Chat defaults, boolean simulated, Function<byte[], Upstream> upstream, Supplier<ChunkReader> reader) {
    ChunkReader newReader() {
        return reader.get();
    }

    void mark(HttpServletResponse response) {
        if (simulated) {
            response.setHeader("X-Sluice-Upstream", "simulator");
        }
    }

    Upstream call(ChatRequest chat) throws InvalidRequestException {
        String model = chat.model() == null ? defaults.model() : chat.model();
        if (model == null) {
            throw new InvalidRequestException(Failure.invalid(
                    400,
                    "model_required",
                    "Name a model in the request, or one for all in sluice.chat.model.",
                    "model"));
        }
        return upstream.apply(CompletionRequest.write(
                chat, model, defaults.maxTokens(), defaults.maxTokensField(), defaults.system()));
    }
}
