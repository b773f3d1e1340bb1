package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.PromptCall;
import dev.sluice.dialect.PromptRequest;
import java.util.List;
import java.util.function.Predicate;

/** Finds the providers of a prompt of {@code /chat}. Any thread may call it. */
public interface PromptRouter {
    /**
     * The dialects in which the model's providers are asked: one or more, each once.
     *
     * @param usable the names of models that the client may use: it is told of no others
     * @throws InvalidRequestException if the model is unknown
     */
    List<ChatDialect> dialects(String model, Predicate<String> usable) throws InvalidRequestException;

    /**
     * A call that answers the prompt; nothing is sent before it is started.
     *
     * @param requests the prompt in each of the {@link #dialects} of the model
     * @param letGo run once, when the requests are held no longer
     * @throws InvalidRequestException if the model is unknown
     */
    PromptCall route(String model, List<PromptRequest> requests, Runnable letGo) throws InvalidRequestException;
}
