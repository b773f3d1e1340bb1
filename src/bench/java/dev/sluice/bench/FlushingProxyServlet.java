package dev.sluice.bench;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;

/** Jetty's own proxy, which would keep what it is given until its buffer is full, with a flush after each write. */
final class FlushingProxyServlet extends AsyncProxyServlet.Transparent {
    private static final long serialVersionUID = 1;

    /** Requests may come in all at once, before any connection to the upstream is made. */
    private static final int QUEUED_REQUESTS = 20_000;

    @Override
    protected HttpClient newHttpClient() {
        HttpClient client = super.newHttpClient();
        client.setMaxRequestsQueuedPerDestination(QUEUED_REQUESTS);
        return client;
    }

    @Override
    protected StreamWriter newWriteListener(HttpServletRequest request, Response proxyResponse) {
        return new FlushingWriter(request, proxyResponse);
    }

    /** Calls never overlap: the next content comes when the callback of the one before it has been called. */
    private final class FlushingWriter extends StreamWriter {
        private final HttpServletRequest request;

        /** Whether what was written last has been flushed, too. Confined to one call after the other. */
        private boolean flushed;

        FlushingWriter(HttpServletRequest request, Response proxyResponse) {
            super(request, proxyResponse);
            this.request = request;
        }

        /** Called when the output is ready again; if the flush takes that away, once more when it has been done. */
        @Override
        protected void complete() {
            if (!flushed) {
                flushed = true;
                try {
                    var output = request.getAsyncContext().getResponse().getOutputStream();
                    output.flush();
                    if (!output.isReady()) {
                        return;
                    }
                } catch (IOException clientLeft) {
                    throw new UncheckedIOException(clientLeft); // both callers abort the upstream's answer then
                }
            }
            flushed = false;
            super.complete();
        }
    }
}
