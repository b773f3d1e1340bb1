package dev.sluice.upstream.jetty;

import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Makes Jetty's client wait for the final response after any interim response (1xx; RFC 9110, section 15.2). By itself it
 * knows three of them. After another one, such as 104, it would not assign the final response to the exchange, which would
 * then never end.
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
