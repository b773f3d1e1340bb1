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
 * An answer that is no event stream: its body is read, as far as it is worth it, for what it says of the reason. Called
 * by the client's threads, one at a time, and by the alarm.
 */
final class RefusedAnswer {
    /** Hears once what the answer says, the status that it means, and whether its body was read to the end. */
    interface Reader {
        void refused(Failure failure, int status, boolean whole);
    }

    private static final int ENOUGH = 64 * 1024;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

    private final Response response;
    private final Content.Source source;
    private final HttpProvider provider;
    private final Dialect dialect;
    private final Reader onRead;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::take);
    private final Deadline deadline = new Deadline();
    private final AtomicBoolean concluded = new AtomicBoolean();

    /** Guarded by its own lock, which all its methods take: the alarm may look at it while more comes. */
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
        deadline.set(provider.clock(), this::giveUp, PATIENCE_NANOS);
        take();
    }

    /** Reads what is at hand, and then whenever there is more. */
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
            if (body.size() >= ENOUGH) {
                giveUp();
                return;
            }
        }
    }

    private void keep(ByteBuffer bytes) {
        byte[] copy = new byte[Math.min(bytes.remaining(), ENOUGH)];
        bytes.get(copy);
        body.writeBytes(copy);
    }

    private void giveUp() {
        conclude(false);
        var unused = response.abort(new CancellationException("Enough was read"));
    }

    /** Says what the answer says as far as it was read; once, however often it is called. */
    void conclude(boolean whole) {
        if (concluded.compareAndSet(false, true)) {
            deadline.meet();
            ErrorAnswer answer = answer(response, body.toByteArray());
            onRead.refused(dialect.refused(answer, provider.words()), answer.meantStatus(), whole);
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
