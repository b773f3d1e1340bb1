package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import dev.sluice.upstream.jetty.Lookups;
import dev.sluice.upstream.jetty.ProviderClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Fetches small JSON documents of one party, with a client and threads of its own: what is slow there delays nobody else. It
 * follows no redirects, so that nobody but the host of the URL is asked. Any thread may call all methods.
 */
public final class Documents {
    /** The most bytes of a document. The longest known sets of keys have some 20 KiB. */
    static final int LONGEST = 256 * 1024;

    private static final int MOST_CONNECTIONS = 2;
    private static final int MOST_THREADS = 6;
    private static final int MOST_HOSTS = 100;

    private final QueuedThreadPool threads;
    private final Lookups lookups;
    private final HttpClient client;

    /** The hosts, with their ports, for which a proxy has been chosen. Guarded by itself. */
    private final Set<String> hosts = new HashSet<>();

    /**
     * A client that is not started.
     *
     * @param name of whom the documents are, for the names of threads
     * @param timeout for the lookup of a host's name, and for a connection
     * @param scheduler for the HTTP client's own timers
     */
    public Documents(String name, Duration timeout, ScheduledExecutorService scheduler, Clock clock) {
        this.threads = new QueuedThreadPool(MOST_THREADS, 1);
        threads.setName("sluice-documents-" + name);
        threads.setDaemon(true);
        this.lookups = new Lookups(name, clock, timeout);
        this.client = ProviderClient.createForDocuments(MOST_CONNECTIONS, timeout, threads, scheduler);
        client.setSocketAddressResolver(lookups);
    }

    /** May block. */
    public void start() throws Exception {
        threads.start();
        client.start();
        client.getContentDecoderFactories().clear(); // ContentCoding decodes instead, and bounds what it reads
    }

    /** Ends the calls that are open, and the threads. Blocks until then. */
    public void stop() throws Exception {
        try {
            client.stop();
        } finally {
            lookups.stop();
            threads.stop();
        }
    }

    /**
     * Gets the document at this URL. Never blocks.
     *
     * @param reader is told the result once, by any thread, perhaps within this call
     * @return cancels it
     */
    public Runnable get(URI url, Reader reader) {
        Call call = new Call(reader);
        try {
            chooseProxy(url);
            Request request = client.newRequest(url).headers(headers -> {
                headers.put(HttpHeader.ACCEPT, "application/json");
                headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
                headers.put(HttpHeader.USER_AGENT, "Sluice");
            });
            request.send(call);
            return () -> {
                var unused = request.abort(new CancellationException("The document is no longer waited for"));
            };
        } catch (RuntimeException stopped) {
            call.fail(FaultLog.cause(stopped));
            return () -> {};
        }
    }

    private void chooseProxy(URI url) {
        synchronized (hosts) {
            if (!hosts.contains(url.getAuthority())) {
                if (hosts.size() == MOST_HOSTS) {
                    throw new IllegalStateException("the documents are on too many hosts");
                }
                hosts.add(url.getAuthority());
                ProviderClient.useProxyForHost(client, url);
            }
        }
    }

    /** Gets one document. Must not block. */
    public interface Reader {
        void read(byte[] document);

        /**
         * There is none.
         *
         * @param reason for the log
         */
        void failed(String reason);
    }

    /** One HTTP exchange. Its methods are called by the client's threads, one at a time. */
    private static final class Call implements Response.ContentListener, Response.CompleteListener {
        private final Reader reader;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final AtomicBoolean told = new AtomicBoolean();

        Call(Reader reader) {
            this.reader = reader;
        }

        @Override
        public void onContent(Response response, ByteBuffer content) {
            if (body.size() + content.remaining() > LONGEST) {
                fail(tooLong());
                var unused = response.abort(new IOException(tooLong()));
                return;
            }
            byte[] copy = new byte[content.remaining()];
            content.get(copy);
            body.writeBytes(copy);
        }

        @Override
        public void onComplete(Result result) {
            Response response = result.getResponse();
            int status = response == null ? 0 : response.getStatus();
            Throwable cause = result.getFailure();
            if (response == null || cause != null) {
                fail(FaultLog.cause(cause));
            } else if (status != 200) {
                fail("it answered with status " + status
                        + (status >= 300 && status < 400 ? " (redirects are not followed)" : ""));
            } else {
                read(ContentCoding.of(response.getHeaders()), body.toByteArray());
            }
        }

        private void read(@Nullable ContentCoding coding, byte[] bytes) {
            byte[] plain;
            try {
                plain = coding == null ? bytes : coding.inflate(bytes, LONGEST);
            } catch (IOException unreadable) {
                fail("its answer is compressed, which was not asked for, and cannot be read");
                return;
            }
            if (plain.length > LONGEST) {
                fail(tooLong());
            } else if (told.compareAndSet(false, true)) {
                reader.read(plain);
            }
        }

        void fail(String reason) {
            if (told.compareAndSet(false, true)) {
                reader.failed(reason.isEmpty() ? "it broke off" : reason);
            }
        }

        private static String tooLong() {
            return "its answer is longer than " + (LONGEST >> 10) + " KiB";
        }
    }
}
