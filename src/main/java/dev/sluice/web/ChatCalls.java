package dev.sluice.web;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.config.Settings;
import dev.sluice.openai.CompletionRequest;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Function;

/**
 * From a prompt to a call of the upstream.
 *
 * @param defaults what a request leaves out
 * @param simulated whether the simulator answers, which clients are told in a header
 * @param upstream makes a call from a body
 */
public record ChatCalls(Settings.Chat defaults, boolean simulated, Function<byte[], Upstream> upstream) {
    void mark(HttpServletResponse response) {
        if (simulated) {
            response.setHeader("X-Sluice-Upstream", "simulator");
        }
    }

    Upstream call(ChatRequest chat) throws InvalidRequestException {
        String model = chat.model() == null ? defaults.model() : chat.model();
        if (model == null) {
            throw new InvalidRequestException(Failure.invalid(
                    400, "model_required", "Name a model in the request, or one for all in sluice.chat.model.", "model"));
        }
        String system = chat.system() == null ? defaults.system() : chat.system();
        int maxTokens = chat.maxTokens() == null ? defaults.maxTokens() : chat.maxTokens();
        return upstream.apply(CompletionRequest.write(chat, model, maxTokens, defaults.maxTokensField(), system));
    }
}
