package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * One call to one provider. The stream's own thread asks and reads; the client's threads say what came, in the fields
 * below, and wake the stream.
 *
 * <p>A pooled connection that the provider closes just as it is used, or just before, is no failure: the call is made once
 * more, at once, on a connection of its own.
 */
final class UpstreamCall implements ProviderCall {
    /** A connection found closed shows within a round trip; what breaks off later may have been worked on. */
    private static final long STALE_NANOS = Duration.ofSeconds(1).toNanos();

    /** What may follow the last word, and for how long, before the connection is not worth keeping. */
    private static final int DRAIN_BYTES = 16 * 1024;

    private static final long DRAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** What comes after a wait so long comes alone, as a slow model's tokens do. */
    private static final long TRICKLE_NANOS = Duration.ofMillis(1).toNanos();

    private final HttpProvider provider;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::available);

    private final Target target;
    private final UpstreamRequest sending;

    /** Set by the stream's thread in start(), before anybody else looks. */
    private Runnable wake = () -> {};

    // Written by the client's threads, read by the stream's.
    private volatile boolean sent;
    private volatile long sentAt; // of the latest attempt; 0 until it is
    private volatile Content.@Nullable Source events;
    private volatile @Nullable Inflated inflated; // what the events, or a refusal's words, are read from
    private volatile @Nullable Failure failure;
    private volatile RetryClass retryClass = RetryClass.FINAL; // written before the failure
    private volatile Head head;

    private volatile @Nullable Request request; // of the latest attempt
    private volatile boolean refusedWhole; // an answer that was no stream is read to its end
    private volatile boolean cancelled;
    private volatile boolean finishing;
    private volatile boolean ended; // the answer, which was read to the end when finishing
    private volatile Clock.@Nullable Alarm drainAlarm;

    /** Whether a demand is outstanding; whoever sets it may read to the end when finishing. */
    private final AtomicBoolean asked = new AtomicBoolean();

    private final AtomicBoolean released = new AtomicBoolean(true);
    private int drained; // guarded by `asked`

    // Guarded by the stream's thread.
    private long askedAt; // 0 once something has come
    private boolean alone; // the chunk read last: no other is to be expected behind it

    UpstreamCall(HttpProvider provider, Target target, UpstreamRequest sending) {
        this.provider = provider;
        this.target = target;
        this.sending = sending;
        this.head = provider.head();
    }

    @Override
    public void start(Runnable wake) {
        this.wake = wake;
        if (!provider.tryAcquire()) {
            fail(RetryClass.ELSEWHERE, provider.noRoom());
            return;
        }
        released.set(false);
        try {
            Attempt attempt = new Attempt(false);
            attempt.request.send(attempt);
            attempt.expectConnection();
        } catch (RuntimeException stopping) {
            release();
            fail(RetryClass.ELSEWHERE, Faults.of(stopping));
        }
    }

    @Override
    public boolean isSentForGood() {
        long at = sentAt;
        return at != 0 && provider.clock().nanoTime() - at > STALE_NANOS;
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
        return sent;
    }

    @Override
    public Reading read(Translator translator) {
        Failure known = failure; // looked at first: what came before it is read before it is told
        Content.Source source = events;
        Content.Chunk chunk = source == null ? null : next(source, known);
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

    /**
     * The next chunk, if it is at hand. To see that there is none takes a system call, and a demand looks anyway: so
     * behind a token that came alone it is not looked for.
     */
    private Content.@Nullable Chunk next(Content.Source source, @Nullable Failure known) {
        boolean enough = alone && known == null; // a failure is told only when all before it was read
        alone = false;
        if (enough) {
            return null;
        }
        // While a demand is outstanding the source is the client's: its thread may be parsing this very moment.
        Content.Chunk chunk = asked.get() ? null : source.read();
        if (chunk != null && askedAt != 0) {
            alone = provider.clock().nanoTime() - askedAt > TRICKLE_NANOS;
            askedAt = 0;
        }
        return chunk;
    }

    @Override
    public Failure failure() {
        Failure known = failure;
        return known == null ? Failure.upstream("connection_lost", "The upstream broke off the connection.") : known;
    }

    @Override
    public void demand() {
        Content.Source source = events;
        if (source != null && asked.compareAndSet(false, true)) {
            askedAt = provider.clock().nanoTime() | 1;
            source.demand(onAvailable);
        }
    }

    @Override
    public void finish() {
        finishing = true;
        if (asked.compareAndSet(false, true)) {
            drain();
        }
        if (!ended) { // it has, mostly
            Clock.Alarm alarm = provider.clock().schedule(this::abort, DRAIN_NANOS);
            drainAlarm = alarm;
            if (ended) {
                alarm.cancel(); // another thread has read the end meanwhile, and may not have seen the alarm
            }
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        if (!refusedWhole) { // else the connection is as good as new
            abort();
        }
        closeInflated();
    }

    /** Client's threads, or whoever demanded. */
    private void available() {
        asked.set(false);
        if (!finishing) {
            wake.run();
        } else if (asked.compareAndSet(false, true)) {
            drain();
        }
    }

    private void drain() {
        Content.Source source = events;
        while (source != null) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(onAvailable);
                return;
            }
            drained += chunk.remaining();
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                break;
            }
            if (drained > DRAIN_BYTES) {
                abort();
                break;
            }
        }
        ended = true;
        closeInflated();
        Clock.Alarm alarm = drainAlarm;
        if (alarm != null) {
            alarm.cancel();
        }
    }

    private void closeInflated() {
        Inflated unread = inflated;
        if (unread != null) {
            unread.close();
        }
    }

    private void abort() {
        Request latest = request;
        if (latest != null) {
            var unused = latest.abort(new CancellationException("The stream is over"));
        }
    }

    private void fail(RetryClass kind, Failure reason) {
        retryClass = kind;
        failure = reason;
        wake.run();
    }

    private void release() {
        if (released.compareAndSet(false, true)) {
            provider.release();
        }
    }

    /** One HTTP exchange. Its methods are called by the client's threads, one at a time. */
    private final class Attempt
            implements Request.BeginListener,
                    Request.CommitListener,
                    Response.BeginListener,
                    Response.ContentSourceListener,
                    Response.CompleteListener {
        final Request request = provider.request(target, sending);
        private final boolean again;
        private boolean begun;
        private boolean reused; // its connection, if it has begun
        private boolean answered;
        private @Nullable RefusedAnswer refused;
        private @Nullable Connection own; // of a second attempt: it belongs to no pool, so we close it
        private volatile boolean connected; // or no longer waited for
        private volatile Clock.@Nullable Alarm late;

        Attempt(boolean again) {
            this.again = again;
            request.onRequestBegin(this).onRequestCommit(this);
            UpstreamCall.this.request = request;
        }

        /**
         * Gives up when the request has not left in time. The client's own timers see each address's connection, but no
         * handshake of TLS, and no proxy that says nothing. Called once the request is under way.
         */
        void expectConnection() {
            if (!connected) { // a kept connection is, mostly
                Clock.Alarm alarm = provider.clock()
                        .schedule(
                                this::connectTimeout,
                                provider.timeouts().connect().toNanos());
                late = alarm;
                if (connected) {
                    alarm.cancel(); // another thread has connected meanwhile, and may not have seen the alarm
                }
            }
        }

        private void connectTimeout() {
            if (!connected) {
                var unused = request.abort(new TimeoutException("no connection in time"));
            }
        }

        private void connected() {
            connected = true;
            Clock.Alarm alarm = late;
            if (alarm != null) {
                alarm.cancel();
            }
        }

        @Override
        public void onBegin(Request request) {
            begun = true;
            Connection connection = request.getConnection();
            reused = connection != null && !provider.isFirstUse(connection);
        }

        @Override
        public void onCommit(Request request) {
            connected();
            sentAt = provider.clock().nanoTime() | 1;
            sent = true;
            provider.standing().reached();
            wake.run();
        }

        @Override
        public void onBegin(Response response) {
            answered = true;
        }

        @Override
        public void onContentSource(Response response, Content.Source source) {
            head = AnswerHead.read(response, provider);
            ContentCoding coding = ContentCoding.of(response.getHeaders());
            if (coding == null) {
                look(response, source);
                return;
            }
            Inflated content = coding.inflate(source);
            inflated = content;
            head = new Head(-1, head.fields()); // its length is not the one that is said
            if (content == null) {
                refused(unreadable(response, coding), response.getStatus(), false);
                var unused = response.abort(new CancellationException("It is not understood"));
            } else {
                look(response, content);
            }
        }

        /** What the content type does not tell, the first bytes do. */
        private void look(Response response, Content.Source content) {
            if (response.getStatus() / 100 != 2) { // some say 201: a completion was created
                refuse(response, content);
            } else if (isOfTheTypeAskedFor(response)) {
                accept(content);
            } else {
                new FirstLook(content, (sight, all) -> {
                            if (sight == (sending.streams() ? FirstLook.Sight.EVENTS : FirstLook.Sight.JSON)) {
                                accept(all);
                            } else {
                                refuse(response, all);
                            }
                        })
                        .take();
            }
        }

        private void accept(Content.Source content) {
            provider.standing().answered();
            events = content;
            wake.run();
        }

        private void refuse(Response response, Content.Source content) {
            var answer = new RefusedAnswer(response, content, provider, this::refused);
            refused = answer;
            answer.take();
        }

        /** An error keeps its status, whatever its body would say. */
        private Failure unreadable(Response response, ContentCoding coding) {
            return response.getStatus() / 100 == 2
                    ? coding.unreadable()
                    : RefusedAnswer.read(response, new byte[0], provider);
        }

        private void refused(Failure reason, int status, boolean whole) {
            refusedWhole = whole;
            closeInflated();
            provider.standing().refused(reason, status);
            release(); // the next attempt may want it, and begins within fail()
            fail(RetryClass.ofAnswer(status, reason.code()), reason);
        }

        @Override
        public void onComplete(Result result) {
            connected();
            if (result.isFailed() && isStale(result.getFailure())) {
                tryAgain();
                return;
            }
            if (own != null) {
                own.close();
            }
            release();
            if (refused != null && result.isFailed()) {
                refused.conclude(false); // what it said so far says more than that it broke off
            }
            Throwable cause = result.getFailure();
            if (cause != null && !sent) {
                cause = Faults.duringHandshake(cause, request.getConnection());
            }
            if (!sent && !answered && !cancelled) {
                provider.standing().missed(cause);
            }
            if (failure == null && (result.isFailed() || events == null)) {
                Failure reason = Faults.of(cause == null ? new IOException("no answer") : cause);
                if (sent && Faults.isNoHttp(reason)) {
                    provider.standing().spokeNoHttp();
                }
                fail(sent ? RetryClass.LOST : Faults.unsent(reason, request.getConnection()), reason);
            }
        }

        private boolean isStale(Throwable cause) {
            if (answered || again || cancelled || !(cause instanceof IOException)) {
                return false;
            }
            if (!begun) {
                return Faults.isLoss(cause); // of a connection that it was given, and that closed at that moment
            }
            return reused && (!sent || provider.clock().nanoTime() - sentAt < STALE_NANOS);
        }

        private void tryAgain() {
            try {
                Attempt next = new Attempt(true);
                provider.client()
                        .resolveDestination(next.request)
                        .newConnection(Promise.from(next::sendOn, next::notConnected));
            } catch (RuntimeException stopping) { // or the body was let go this very moment
                notConnected(stopping);
            }
        }

        private void sendOn(Connection connection) {
            own = connection;
            if (!cancelled) {
                connection.send(request, this);
                expectConnection();
            }
            if (cancelled) { // an abort before the send went unheard
                connection.close();
                release();
            }
        }

        private void notConnected(Throwable cause) {
            provider.standing().missed(cause);
            release();
            Failure reason = Faults.of(cause);
            fail(Faults.unsent(reason, null), reason);
        }

        private boolean isOfTheTypeAskedFor(Response response) {
            String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
            String wanted = sending.streams() ? "text/event-stream" : "application/json";
            return type != null && type.toLowerCase(Locale.ROOT).startsWith(wanted);
        }
    }
}
