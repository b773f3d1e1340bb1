package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.Upstream.Reading;
import org.jspecify.annotations.Nullable;

/** One call to a provider within this process. Guarded by the stream's thread. */
final class LocalCall implements ProviderCall {
    private final LocalProvider provider;
    private final Target target;
    private final UpstreamRequest sending;

    private @Nullable Upstream answer; // null before the start, and if the call was refused
    private @Nullable Failure refusal; // why there is no answer
    private RetryClass retryClass = RetryClass.FINAL;
    private boolean holdsPermit;

    LocalCall(LocalProvider provider, Target target, UpstreamRequest sending) {
        this.provider = provider;
        this.target = target;
        this.sending = sending;
    }

    @Override
    public void start(Runnable wake) {
        if (!provider.tryAcquire()) {
            retryClass = RetryClass.ELSEWHERE;
            refusal = provider.noRoom();
            wake.run();
            return;
        }
        holdsPermit = true;
        LocalAnswer said =
                provider.answer(sending.dialect().path(), sending.body().bytesFor(target));
        if (said instanceof LocalAnswer.Begun begun) {
            answer = begun.upstream();
            begun.upstream().start(wake, Attempts.UNHEARD); // it is one attempt with ours
        } else if (said instanceof LocalAnswer.Refused refused) {
            ErrorAnswer error = new ErrorAnswer(
                    refused.status(),
                    "application/json",
                    null,
                    refused.retryAfter(),
                    refused.json().getBytes(UTF_8));
            refusal = sending.dialect().refused(error, provider.words());
            retryClass = RetryClass.ofAnswer(refused.status(), refusal.code());
            release();
            wake.run(); // a RoutedCall that starts this as a later attempt may already have returned NOTHING
        }
    }

    @Override
    public Head head() {
        Upstream begun = answer;
        return begun == null
                ? provider.head()
                : new Head(begun.head().length(), provider.head().fields());
    }

    @Override
    public boolean sent() {
        return true;
    }

    @Override
    public boolean mayHaveWorked() {
        return answer != null;
    }

    @Override
    public boolean isSentForGood() {
        return true;
    }

    @Override
    public Reading read(Translator translator) {
        Upstream begun = answer;
        Reading reading = begun == null ? Reading.FAILED : begun.read(translator);
        if (reading == Reading.END || reading == Reading.FAILED) {
            release();
        }
        return reading;
    }

    @Override
    public Failure failure() {
        if (refusal != null) {
            return refusal;
        }
        return answer == null ? provider.noRoom() : answer.failure();
    }

    @Override
    public RetryClass retryClass() {
        return retryClass;
    }

    @Override
    public void demand() {
        if (answer != null) {
            answer.demand();
        }
    }

    @Override
    public void finish() {
        if (answer != null) {
            answer.finish();
        }
        release();
    }

    @Override
    public void cancel() {
        if (answer != null) {
            answer.cancel();
        }
        release();
    }

    private void release() {
        if (holdsPermit) {
            holdsPermit = false;
            provider.release();
        }
    }
}
