package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Head;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP exchange of a call: it finds out what kind of answer comes, and tells the call. The listeners' methods are
 * called by the client's threads, one at a time.
 */
final class HttpExchange
        implements Request.BeginListener,
                Request.CommitListener,
                Response.BeginListener,
                Response.ContentSourceListener,
                Response.CompleteListener {
    /** A connection found closed shows within a round trip; what breaks off later may have been worked on. */
    static final long STALE_NANOS = Duration.ofSeconds(1).toNanos();

    private final UpstreamCall call;
    private final HttpProvider provider;
    private final HttpRequests requests;
    private final Request request;
    private final boolean streams; // events are asked for, or one JSON object
    private final boolean again; // the second of its call
    private final Deadline connectDeadline = new Deadline();

    // Guarded by the client, which calls one listener at a time.
    private boolean begun;
    private boolean reused; // its connection, if it has begun
    private boolean answered;
    private @Nullable RefusedAnswer refused;
    private @Nullable Connection own; // of a second exchange: it belongs to no pool, so it is closed here

    // Written by the client's threads, read by any.
    private volatile @Nullable Inflated inflated; // what a compressed answer is read from
    private volatile boolean refusedWhole; // an answer that was refused is read to its end

    HttpExchange(
            UpstreamCall call,
            HttpProvider provider,
            HttpRequests requests,
            Request request,
            boolean streams,
            boolean again) {
        this.call = call;
        this.provider = provider;
        this.requests = requests;
        this.request = request;
        this.streams = streams;
        this.again = again;
        request.onRequestBegin(this).onRequestCommit(this);
    }

    Request request() {
        return request;
    }

    /** On a pooled connection. The stream's thread. */
    void send() {
        request.send(this);
        expectConnection();
    }

    /** On this connection, which nobody else uses. The client's threads. */
    void sendOn(Connection connection) {
        own = connection;
        if (!call.isCancelled()) {
            connection.send(request, this);
            expectConnection();
        }
        if (call.isCancelled()) { // an abort before the send went unheard
            connection.close();
            call.release();
        }
    }

    /** There is no connection to send on. The client's threads. */
    void notConnected(Throwable cause) {
        call.notConnected(cause);
    }

    /** The call is cancelled. The stream's thread. */
    void cancel() {
        if (!refusedWhole) { // else the connection can be used again
            abort();
        }
        closeInflated();
    }

    /** Any thread. */
    void abort() {
        var unused = request.abort(new CancellationException("The stream is over"));
    }

    /** Nobody reads its content any more. Whoever has drained it. */
    void drained() {
        closeInflated();
    }

    /**
     * Gives up when the request has not left in time. The client's own timers see each address's connection, but no
     * handshake of TLS, and no proxy that says nothing. Called once the request is under way.
     */
    private void expectConnection() {
        connectDeadline.set(
                provider.clock(),
                () -> {
                    var unused = request.abort(new TimeoutException("no connection in time"));
                },
                provider.timeouts().connect().toNanos());
    }

    private void closeInflated() {
        Inflated unread = inflated;
        if (unread != null) {
            unread.close();
        }
    }

    // ---- Events: the client's threads.

    @Override
    public void onBegin(Request request) {
        begun = true;
        Connection connection = request.getConnection();
        reused = connection != null && !requests.isFirstUse(connection);
    }

    @Override
    public void onCommit(Request request) {
        connectDeadline.meet();
        provider.standing().reached();
        call.sent(provider.clock().nanoTime());
    }

    @Override
    public void onBegin(Response response) {
        answered = true;
    }

    @Override
    public void onContentSource(Response response, Content.Source source) {
        call.head(AnswerHead.read(response, provider, call.dialect().headers()));
        ContentCoding coding = ContentCoding.of(response.getHeaders());
        if (coding == null) {
            look(response, source);
            return;
        }
        Inflated content = coding.inflate(source);
        inflated = content;
        call.head(new Head(-1, call.head().fields())); // its length is not the one that is said
        if (content == null) {
            refused(unreadable(response, coding), response.getStatus(), false);
            var unused = response.abort(new CancellationException("It is not understood"));
        } else {
            look(response, content);
        }
    }

    @Override
    public void onComplete(Result result) {
        connectDeadline.meet();
        if (result.isFailed() && isStale(result.getFailure())) {
            call.tryAgain();
            return;
        }
        if (own != null) {
            own.close();
        }
        call.release();
        if (refused != null && result.isFailed()) {
            refused.conclude(false); // what it said so far says more than that it broke off
        }
        Throwable cause = result.getFailure();
        if (cause != null && !call.sent()) {
            cause = Faults.duringHandshake(cause, request.getConnection());
        }
        if (!call.sent() && !answered && !call.isCancelled()) {
            provider.standing().missed(cause);
        }
        if (!call.hasFailed() && (result.isFailed() || !call.isAccepted())) {
            fail(cause == null ? new IOException("no answer") : cause);
        }
    }

    private void fail(Throwable cause) {
        Failure reason = Faults.of(cause);
        if (!call.sent()) {
            call.fail(Faults.unsent(reason, request.getConnection()), reason);
            return;
        }
        if (Faults.isNoHttp(reason)) {
            provider.standing().spokeNoHttp();
        }
        call.fail(RetryClass.LOST, reason);
    }

    /** Whether the request met a kept connection that the provider was closing, or had closed. */
    private boolean isStale(Throwable cause) {
        if (answered || again || call.isCancelled() || !(cause instanceof IOException)) {
            return false;
        }
        if (!begun) {
            return Faults.isLoss(cause); // of a connection that it was given, and that closed at that moment
        }
        return reused && (!call.sent() || provider.clock().nanoTime() - call.sentAt() < STALE_NANOS);
    }

    // ---- What kind of answer comes.

    /** What the content type does not tell, the first bytes do. */
    private void look(Response response, Content.Source content) {
        if (response.getStatus() / 100 != 2) { // some say 201: a completion was created
            refuse(response, content);
        } else if (isOfTheTypeAskedFor(response)) {
            accept(content);
        } else {
            new FirstLook(content, (kind, all) -> {
                        if (kind == (streams ? FirstLook.Kind.EVENTS : FirstLook.Kind.JSON)) {
                            accept(all);
                        } else {
                            refuse(response, all);
                        }
                    })
                    .take();
        }
    }

    private boolean isOfTheTypeAskedFor(Response response) {
        String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String wanted = streams ? "text/event-stream" : "application/json";
        return type != null && type.toLowerCase(Locale.ROOT).startsWith(wanted);
    }

    private void accept(Content.Source content) {
        provider.standing().answered();
        call.accept(content, this);
    }

    private void refuse(Response response, Content.Source content) {
        var answer = new RefusedAnswer(response, content, provider, call.dialect(), this::refused);
        refused = answer;
        answer.start();
    }

    /** An error keeps its status, whatever its body would say. */
    private Failure unreadable(Response response, ContentCoding coding) {
        return response.getStatus() / 100 == 2
                ? coding.unreadable()
                : call.dialect().refused(RefusedAnswer.answer(response, new byte[0]), provider.words());
    }

    private void refused(Failure reason, int status, boolean whole) {
        refusedWhole = whole;
        closeInflated();
        provider.standing().refused(reason, status);
        call.release(); // the next attempt may want it, and begins within fail()
        call.fail(RetryClass.ofAnswer(status, reason.code()), reason);
    }
}
