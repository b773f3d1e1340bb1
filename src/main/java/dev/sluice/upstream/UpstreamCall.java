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
 * One call to one provider. The stream's own thread asks and reads; the client's threads say what came, in the fields
 * below, and wake the stream.
 *
 * <p>It is one {@link HttpExchange}, or two: a pooled connection that the provider closes just as it is used, or just before,
 * is no failure. The request is then sent once more, at once, on a connection of its own.
 */
final class UpstreamCall implements ProviderCall {
    private final HttpProvider provider;
    private final HttpRequests requests;
    private final Target target;
    private final UpstreamRequest sending;

    /** Set by the stream's thread in start(), before anybody else looks. */
    private Runnable wake = () -> {};

    // Written by the client's threads, read by the stream's.
    private volatile long sentAt; // of the latest exchange; 0 until the first request was sent
    private volatile @Nullable AnswerContent content; // once the answer is what was asked for
    private volatile @Nullable Failure failure;
    private volatile RetryClass retryClass = RetryClass.FINAL; // written before the failure
    private volatile Head head;

    // Written by the stream's thread and by the client's, read by any.
    private volatile @Nullable HttpExchange exchange; // the latest
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

    /** What the answer says of itself; what is known without one, until it has begun. */
    @Override
    public Head head() {
        return head;
    }

    /** Whether another attempt may fare better, once there is a failure. */
    @Override
    public RetryClass retryClass() {
        return retryClass;
    }

    @Override
    public boolean sent() {
        return sentAt != 0;
    }

    @Override
    public Reading read(Translator translator) {
        Failure known = failure; // looked at first: what came before it is read before it is told
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

    /** The request has left at this time. */
    void sent(long nanoTime) {
        sentAt = nanoTime | 1;
        wake.run();
    }

    /** When the request has left; 0 if it has not. */
    long sentAt() {
        return sentAt;
    }

    void head(Head said) {
        head = said;
    }

    /** The answer is what was asked for. */
    void accept(Content.Source source, HttpExchange from) {
        content = new AnswerContent(source, provider.clock(), wake, from);
        wake.run();
    }

    /** Whether the answer is what was asked for. */
    boolean isAccepted() {
        return content != null;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** There is no answer, or no more of it. */
    void fail(RetryClass kind, Failure reason) {
        retryClass = kind;
        failure = reason;
        wake.run();
    }

    /** The call is no longer open at the provider. Any number of times. */
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
        } catch (RuntimeException stopping) { // or the body was let go this very moment
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
