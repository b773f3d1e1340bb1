package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Upstream;
import java.util.List;
import java.util.function.Predicate;

/** Finds the provider of a request. Any thread may call it. */
@FunctionalInterface
public interface Router {
    /**
     * A call that answers {@code request}; nothing is sent before it is started.
     *
     * @param dialect that of the request
     * @param fields the client's headers that pass to the provider
     * @param usable the names of models that the client may use: it is told of no others
     * @param letGo run once, when the request is held no longer
     * @throws InvalidRequestException if the model is unknown
     */
    Upstream route(Dialect dialect, ApiRequest request, List<Field> fields, Predicate<String> usable, Runnable letGo)
            throws InvalidRequestException;
}
