package dev.sluice.bench;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;

/** Jetty's proxy servlet with a flush after each write. By itself it flushes only when its buffer is full. */
final class FlushingProxyServlet extends AsyncProxyServlet.Transparent {
    private static final long serialVersionUID = 1;

    /** The most requests that wait for a connection to the upstream; all may arrive at once. */
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

    /** Its calls do not overlap: the next content is passed after the callback of the previous one. */
    private final class FlushingWriter extends StreamWriter {
        private final HttpServletRequest request;

        /** Whether the last write has been flushed. Guarded by the order of the calls. */
        private boolean flushed;

        FlushingWriter(HttpServletRequest request, Response proxyResponse) {
            super(request, proxyResponse);
            this.request = request;
        }

        /** Called when the output is ready again. If the flush makes it not ready, this is called again afterwards. */
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
                    throw new UncheckedIOException(clientLeft); // both callers then abort the upstream's response
                }
            }
            flushed = false;
            super.complete();
        }
    }
}
