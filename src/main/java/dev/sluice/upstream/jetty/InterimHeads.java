package dev.sluice.upstream.jetty;

import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Has the answer awaited behind any interim head (1xx). Jetty knows three of them; behind another, such as 104, it would
 * take the answer for no part of the exchange, which would then never end.
 */
public final class InterimHeads extends EarlyHintsProtocolHandler {
    @Override
    public String getName() {
        return "interim";
    }

    @Override
    public boolean accept(Request request, Response response) {
        return HttpStatus.isInterim(response.getStatus());
    }
}
