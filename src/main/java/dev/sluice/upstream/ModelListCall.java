package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.dialect.ModelList;
import dev.sluice.relay.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * One {@code GET …/models}. If the provider closes a pooled connection at the moment of its use, the request is sent once
 * more. Used once; {@link #start} may be called by any thread.
 */
final class ModelListCall {
    /** The most bytes of a list, several times those of the longest known lists. */
    static final int LONGEST = 4 * 1024 * 1024;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpProvider provider;
    private final String name;
    private final Consumer<ModelList.Answer> reader;
    private final AtomicBoolean told = new AtomicBoolean();

    // Set by the thread that starts an attempt, read by the clock's.
    private volatile @Nullable Request request;
    private volatile boolean over;
    private volatile Clock.@Nullable Alarm alarm;

    /** @param reader gets the answer once, on a thread of the client or on the one that calls {@link #start} */
    ModelListCall(HttpProvider provider, String name, Consumer<ModelList.Answer> reader) {
        this.provider = provider;
        this.name = name;
        this.reader = reader;
    }

    void start() {
        alarm = provider.clock().schedule(this::giveUp, TIMEOUT.toNanos());
        attempt(false);
    }

    private void attempt(boolean again) {
        try {
            Attempt attempt = new Attempt(again);
            request = attempt.request;
            attempt.request.send(attempt);
        } catch (RuntimeException stopping) {
            fail(Faults.of(stopping));
        }
        if (over) { // an abort before the send has had no effect
            abort();
        }
    }

    private void giveUp() {
        over = true;
        fail(Failure.timeout(
                504,
                "upstream_timeout",
                "The upstream " + name + " did not list its models within " + TIMEOUT.toSeconds() + " s."));
        abort();
    }

    private void abort() {
        Request latest = request;
        if (latest != null) {
            var unused = latest.abort(new CancellationException("The models are no longer waited for"));
        }
    }

    private void fail(Failure failure) {
        tell(new ModelList.Failed(failure));
    }

    private void tell(ModelList.Answer answer) {
        if (told.compareAndSet(false, true)) {
            reader.accept(answer);
            Clock.Alarm set = alarm;
            if (set != null) {
                set.cancel();
            }
        }
    }

    /** One HTTP exchange. Its methods are called by the client's threads, one at a time. */
    private final class Attempt implements Request.BeginListener, Response.ContentListener, Response.CompleteListener {
        final Request request = provider.modelList();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final boolean again;
        private boolean reused;

        Attempt(boolean again) {
            this.again = again;
            request.onRequestBegin(this);
        }

        @Override
        public void onBegin(Request request) {
            Connection connection = request.getConnection();
            reused = connection != null && !provider.isFirstUse(connection);
        }

        @Override
        public void onContent(Response response, ByteBuffer content) {
            if (body.size() + content.remaining() > LONGEST) {
                fail(tooLong());
                abort();
                return;
            }
            byte[] copy = new byte[content.remaining()];
            content.get(copy);
            body.writeBytes(copy);
        }

        @Override
        public void onComplete(Result result) {
            if (told.get()) {
                return;
            }
            if (result.isFailed() && reused && !again && isUnanswered(result)) {
                attempt(true);
                return;
            }
            try {
                // Parsing megabytes of JSON on a selector's thread would delay all its streams.
                provider.executor().execute(() -> tell(answer(result)));
            } catch (RejectedExecutionException stopping) {
                tell(answer(result));
            }
        }

        private ModelList.Answer answer(Result result) {
            Response response = result.getResponse();
            int status = response == null ? 0 : response.getStatus();
            Throwable cause = result.getFailure();
            // The status of an incomplete head may be invented by Jetty.
            if (cause != null && (status == 0 || status == 200 || Faults.saysHeadTooLarge(cause))) {
                return new ModelList.Failed(Faults.of(cause));
            }
            ContentCoding coding = ContentCoding.of(response.getHeaders());
            byte[] bytes = body.toByteArray();
            if (coding != null) {
                try {
                    bytes = coding.inflate(bytes, LONGEST);
                } catch (IOException unreadable) {
                    return new ModelList.Failed(coding.unreadable());
                }
                if (bytes.length > LONGEST) {
                    return new ModelList.Failed(tooLong());
                }
            }
            Optional<ModelList> list = status == 200 ? ModelList.read(bytes, name) : Optional.empty();
            return list.isPresent()
                    ? new ModelList.Models(list.get())
                    : new ModelList.Failed(refusal(result.getResponse(), bytes));
        }

        private static boolean isUnanswered(Result result) {
            boolean answered =
                    result.getResponse() != null && result.getResponse().getStatus() != 0;
            return !answered && result.getFailure() instanceof IOException;
        }

        private Failure refusal(Response response, byte[] bytes) {
            Failure failure = ErrorBody.read(
                    response.getStatus(),
                    response.getHeaders().get(HttpHeader.CONTENT_TYPE),
                    response.getHeaders().get("retry-after-ms"),
                    response.getHeaders().get(HttpHeader.RETRY_AFTER),
                    bytes,
                    provider.words());
            return failure.code().equals(ErrorBody.NO_EVENT_STREAM) ? noList() : failure;
        }
    }

    private Failure noList() {
        return Failure.upstream(
                "upstream_no_models",
                "The upstream " + name + " answered 200 to GET /models, but with no list of models.");
    }

    private Failure tooLong() {
        return Failure.upstream(
                "upstream_models_too_long",
                "The upstream " + name + " lists more models than fit into " + (LONGEST >> 20) + " MiB.");
    }
}
