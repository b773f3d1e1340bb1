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
 * One HTTP exchange of a call. It finds out which kind of answer is received, and tells the call. The HTTP client's
 * threads call the listener methods, one at a time.
 */
final class HttpExchange
        implements Request.BeginListener,
                Request.CommitListener,
                Response.BeginListener,
                Response.ContentSourceListener,
                Response.CompleteListener {
    /**
     * The time limit for a failure to count as that of a stale connection. A closed connection is noticed within a
     * round trip. If it breaks off later, the provider may have processed the request.
     */
    static final long STALE_NANOS = Duration.ofSeconds(1).toNanos();

    private final UpstreamCall call;
    private final HttpProvider provider;
    private final HttpRequests requests;
    private final Request request;
    private final boolean streams; // whether an event stream is requested, or one JSON object
    private final boolean again; // whether this is the second exchange of its call
    private final Deadline connectDeadline = new Deadline();

    // Guarded by the client, which calls one listener at a time.
    private boolean begun;
    private boolean reused; // whether its connection was used before
    private boolean answered;
    private @Nullable RefusedAnswer refused;
    private @Nullable Connection own; // of a second exchange: it belongs to no pool, so it is closed here

    // Written by the client's threads, read by any.
    private volatile @Nullable Inflated inflated; // decompresses the answer, if it is compressed
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

    /** Sends the request on a pooled connection. Called by the stream's thread. */
    void send() {
        request.send(this);
        expectConnection();
    }

    /** Sends the request on this connection, which is not shared. Called by the client's threads. */
    void sendOn(Connection connection) {
        own = connection;
        if (!call.isCancelled()) {
            connection.send(request, this);
            expectConnection();
        }
        if (call.isCancelled()) { // an abort before the request was sent had no effect
            connection.close();
            call.release();
        }
    }

    /** There is no connection. Called by the client's threads. */
    void notConnected(Throwable cause) {
        call.notConnected(cause);
    }

    /** Cancels the exchange. Called by the stream's thread. */
    void cancel() {
        if (!refusedWhole) { // otherwise the connection can be reused
            abort();
        }
        closeInflated();
    }

    /** Any thread may call it. */
    void abort() {
        var unused = request.abort(new CancellationException("The stream is over"));
    }

    /** The content is not read any more. Called by the thread that has drained it. */
    void drained() {
        closeInflated();
    }

    /**
     * Sets an alarm that aborts the exchange if the request was not sent in time. The client's own timers cover the
     * connection to each address. They do not cover the TLS handshake, or a proxy that does not answer. Called when the
     * request has begun.
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
        call.head(new Head(-1, call.head().fields())); // its decompressed length is not known
        if (content == null) {
            refused(unreadable(response, coding), response.getStatus(), response.getStatus() / 100 != 2, false);
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
            refused.conclude(false); // the part of the body that was received tells more than that it has broken off
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

    /** Whether the request was sent on a kept connection that the provider was closing, or had closed. */
    private boolean isStale(Throwable cause) {
        if (answered || again || call.isCancelled() || !(cause instanceof IOException)) {
            return false;
        }
        if (!begun) {
            return Faults.isLoss(cause); // of the connection, which has closed while it was assigned to the request
        }
        return reused && (!call.sent() || provider.clock().nanoTime() - call.sentAt() < STALE_NANOS);
    }

    // ---- What kind of answer comes.

    /** Finds out what the answer is: by its content type, or else by its first bytes. */
    private void look(Response response, Content.Source content) {
        if (response.getStatus() / 100 != 2) { // some providers answer 201
            refuse(response, content, false);
        } else if (isOfTheTypeAskedFor(response)) {
            accept(content);
        } else {
            new FirstLook(content, (kind, all) -> {
                        if (kind == (streams ? FirstLook.Kind.EVENTS : FirstLook.Kind.JSON)) {
                            accept(all);
                        } else {
                            refuse(response, all, kind == FirstLook.Kind.EVENTS || kind == FirstLook.Kind.JSON);
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

    /** @param ofOtherKind whether it is events in place of one JSON object, or JSON in place of events: maybe an error */
    private void refuse(Response response, Content.Source content, boolean ofOtherKind) {
        var answer = new RefusedAnswer(
                response,
                content,
                provider,
                call.dialect(),
                (reason, status, isError, whole) -> refused(reason, status, isError || !ofOtherKind, whole));
        refused = answer;
        answer.start();
    }

    /** The failure of an answer with an unknown content coding. An error keeps its status. */
    private Failure unreadable(Response response, ContentCoding coding) {
        return response.getStatus() / 100 == 2
                ? coding.unreadable()
                : call.dialect().refused(RefusedAnswer.answer(response, new byte[0]), provider.words());
    }

    /** @param idle whether the provider has not worked for it */
    private void refused(Failure reason, int status, boolean idle, boolean whole) {
        refusedWhole = whole;
        closeInflated();
        provider.standing().refused(reason, status);
        call.release(); // the next attempt, which begins within refuse(), may need the permit
        call.refuse(RetryClass.ofAnswer(status, reason.code()), reason, !idle);
    }
}
