package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.openai.CompletionBody;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Upstream;
import java.util.List;

/** Finds who answers a request. For any thread. */
@FunctionalInterface
public interface Router {
    /**
     * A call that answers {@code body}; nothing is sent before it is started.
     *
     * @param fields the client's headers that pass to the provider
     * @param letGo run once, when the body is held no longer
     * @throws InvalidRequestException if nobody answers for its model
     */
    Upstream route(CompletionBody body, List<Field> fields, Runnable letGo) throws InvalidRequestException;
}
