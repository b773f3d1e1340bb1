package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ErrorAnswer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Reads the body of a response that is no event stream, up to a limit of bytes and of time, for the error in it. The
 * client's threads call it, one at a time, and the clock's thread does.
 */
final class RefusedAnswer {
    /** Gets the error once. */
    interface Reader {
        /**
         * Called once.
         *
         * @param status the status that the answer means
         * @param isError whether the answer itself says that it is an error
         * @param whole whether the body was read to its end
         */
        void refused(Failure failure, int status, boolean isError, boolean whole);
    }

    private static final int MOST_BYTES = 64 * 1024;
    private static final long TIMEOUT_NANOS = Duration.ofSeconds(5).toNanos();

    private final Response response;
    private final Content.Source source;
    private final HttpProvider provider;
    private final Dialect dialect;
    private final Reader onRead;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::take);
    private final Deadline deadline = new Deadline();
    private final AtomicBoolean concluded = new AtomicBoolean();

    /** Guarded by its own lock, which all its methods take: the clock's thread may read it while bytes arrive. */
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    RefusedAnswer(Response response, Content.Source source, HttpProvider provider, Dialect dialect, Reader onRead) {
        this.dialect = dialect;
        this.response = response;
        this.source = source;
        this.provider = provider;
        this.onRead = onRead;
    }

    /** Begins to read. Called once. */
    void start() {
        deadline.set(provider.clock(), this::giveUp, TIMEOUT_NANOS);
        take();
    }

    /** Reads the bytes that are there, and then those that arrive. */
    private void take() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(onAvailable);
                return;
            }
            boolean failed = Content.Chunk.isFailure(chunk);
            boolean last = chunk.isLast();
            if (!failed) {
                keep(chunk.getByteBuffer());
                chunk.release();
            }
            if (failed || last) {
                conclude(!failed);
                return;
            }
            if (body.size() >= MOST_BYTES) {
                giveUp();
                return;
            }
        }
    }

    private void keep(ByteBuffer bytes) {
        byte[] copy = new byte[Math.min(bytes.remaining(), MOST_BYTES)];
        bytes.get(copy);
        body.writeBytes(copy);
    }

    private void giveUp() {
        conclude(false);
        var unused = response.abort(new CancellationException("Enough was read"));
    }

    /** Passes the error in the bytes so far to the reader. Only the first call has an effect. */
    void conclude(boolean whole) {
        if (concluded.compareAndSet(false, true)) {
            deadline.meet();
            ErrorAnswer answer = answer(response, body.toByteArray());
            onRead.refused(dialect.refused(answer, provider.words()), answer.meantStatus(), answer.isError(), whole);
        }
    }

    /** The answer with this body, or this beginning of one. */
    static ErrorAnswer answer(Response response, byte[] body) {
        return new ErrorAnswer(
                response.getStatus(),
                response.getHeaders().get(HttpHeader.CONTENT_TYPE),
                response.getHeaders().get("retry-after-ms"),
                response.getHeaders().get(HttpHeader.RETRY_AFTER),
                body);
    }
}
