package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.Dialect;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One call to one provider. The stream's thread sends the request and reads the answer. The HTTP client's threads set
 * the fields below and wake the stream.
 *
 * <p>It has one {@link HttpExchange}, or two: if the provider closes a pooled connection just before or while it is
 * used, that is not a failure. The request is then sent again at once, on a new connection.
 */
final class UpstreamCall implements ProviderCall {
    private final HttpProvider provider;
    private final HttpRequests requests;
    private final Target target;
    private final UpstreamRequest sending;

    /** Set by the stream's thread in start(), before any other thread reads it. */
    private Runnable wake = () -> {};

    // Written by the client's threads, read by the stream's.
    private volatile long sentAt; // of the latest exchange; 0 until the first request was sent
    private volatile @Nullable AnswerContent content; // set when the answer is of the requested kind
    private volatile @Nullable Failure failure;
    private volatile RetryClass retryClass = RetryClass.FINAL; // written before the failure
    private volatile boolean refused; // by an error; written before the failure
    private volatile Head head;

    // Written by the stream's thread and by the client's, read by any.
    private volatile @Nullable HttpExchange exchange; // the latest exchange
    private volatile boolean cancelled;
    private final AtomicBoolean released = new AtomicBoolean(true);

    UpstreamCall(HttpProvider provider, HttpRequests requests, Target target, UpstreamRequest sending) {
        this.provider = provider;
        this.requests = requests;
        this.target = target;
        this.sending = sending;
        this.head = provider.head();
    }

    // ---- The stream's thread.

    @Override
    public void start(Runnable wake) {
        this.wake = wake;
        if (!provider.tryAcquire()) {
            fail(RetryClass.ELSEWHERE, provider.noRoom());
            return;
        }
        released.set(false);
        try {
            newExchange(false).send();
        } catch (RuntimeException stopping) {
            release();
            fail(RetryClass.ELSEWHERE, Faults.of(stopping));
        } catch (Error fault) { // such as the one for want of memory: the stream makes a refusal of it
            release();
            throw fault;
        }
    }

    @Override
    public boolean isSentForGood() {
        long at = sentAt;
        return at != 0 && provider.clock().nanoTime() - at > HttpExchange.STALE_NANOS;
    }

    /** The answer's status and headers. Until they are received, what is known without them. */
    @Override
    public Head head() {
        return head;
    }

    /** After a failure: whether a retry may succeed. */
    @Override
    public RetryClass retryClass() {
        return retryClass;
    }

    @Override
    public boolean sent() {
        return sentAt != 0;
    }

    @Override
    public boolean mayHaveWorked() {
        return sent() && !refused;
    }

    @Override
    public Reading read(Translator translator) {
        Failure known = failure; // read first: what was received before the failure has priority over it
        AnswerContent from = content;
        Content.Chunk chunk = from == null ? null : from.next(known != null);
        if (chunk == null) {
            return known == null ? Reading.NOTHING : Reading.FAILED;
        }
        if (Content.Chunk.isFailure(chunk)) {
            if (known == null) {
                retryClass = RetryClass.LOST;
                failure = Faults.of(chunk.getFailure());
            }
            return Reading.FAILED;
        }
        int length = chunk.remaining();
        boolean last = chunk.isLast();
        translator.feed(chunk.getByteBuffer());
        chunk.release();
        return length > 0 ? Reading.BYTES : last ? Reading.END : Reading.NOTHING;
    }

    @Override
    public Failure failure() {
        Failure known = failure;
        return known == null ? Failure.upstream("connection_lost", "The upstream broke off the connection.") : known;
    }

    @Override
    public void demand() {
        AnswerContent from = content;
        if (from != null) {
            from.demand();
        }
    }

    @Override
    public void finish() {
        release(); // before the client reads the end of its answer: it may ask again at once
        AnswerContent from = content;
        if (from != null) {
            from.finish();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        HttpExchange latest = exchange;
        if (latest != null) {
            latest.cancel();
        }
    }

    // ---- The latest exchange: the client's threads.

    boolean isCancelled() {
        return cancelled;
    }

    /** The request was sent at this time. */
    void sent(long nanoTime) {
        sentAt = nanoTime | 1;
        wake.run();
    }

    /** When the request was sent; 0 if it was not. */
    long sentAt() {
        return sentAt;
    }

    void head(Head said) {
        head = said;
    }

    /** The answer is of the requested kind. */
    void accept(Content.Source source, HttpExchange from) {
        content = new AnswerContent(source, provider.clock(), wake, from);
        wake.run();
    }

    /** Whether the answer is of the requested kind. */
    boolean isAccepted() {
        return content != null;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /**
     * The provider has answered, but not as was asked for: most often with an error.
     *
     * @param worked whether it is an answer all the same, for which the provider has worked
     */
    void refuse(RetryClass kind, Failure reason, boolean worked) {
        refused = !worked;
        fail(kind, reason);
    }

    /** There is no answer, or it has broken off. */
    void fail(RetryClass kind, Failure reason) {
        retryClass = kind;
        failure = reason;
        wake.run();
    }

    /** The call is no longer open at the provider. May be called any number of times. */
    void release() {
        if (released.compareAndSet(false, true)) {
            provider.release();
        }
    }

    /** The dialect of the request. */
    Dialect dialect() {
        return sending.dialect();
    }

    /** The first exchange met a connection that was closed: the request is sent once more, on a connection of its own. */
    void tryAgain() {
        try {
            HttpExchange next = newExchange(true);
            requests.connect(next.request(), Promise.from(next::sendOn, next::notConnected));
        } catch (RuntimeException stopping) { // or the body was released at this moment
            notConnected(stopping);
        } catch (Error fault) { // nobody else would tell the stream
            release();
            fail(RetryClass.FINAL, fault instanceof OutOfMemoryError ? Failure.noMemory() : Failure.internal());
        }
    }

    /** No connection for the second exchange. */
    void notConnected(Throwable cause) {
        provider.standing().missed(cause);
        release();
        Failure reason = Faults.of(cause);
        fail(Faults.unsent(reason, null), reason);
    }

    private HttpExchange newExchange(boolean again) {
        HttpExchange next = new HttpExchange(
                this, provider, requests, requests.completion(target, sending), sending.streams(), again);
        exchange = next;
        return next;
    }
}
