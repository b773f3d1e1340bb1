package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.Passed;
import dev.sluice.relay.Upstream;
import java.util.function.Predicate;

/** Finds the provider of a request. Any thread may call it. */
@FunctionalInterface
public interface Router {
    /**
     * A call that answers {@code request}; nothing is sent before it is started.
     *
     * @param dialect that of the request
     * @param passed what else of the client's request passes to the provider
     * @param usable the names of models that the client may use: it is told of no others
     * @param letGo run once, when the request is held no longer
     * @throws InvalidRequestException if the model is unknown
     */
    Upstream route(Dialect dialect, ApiRequest request, Passed passed, Predicate<String> usable, Runnable letGo)
            throws InvalidRequestException;
}
