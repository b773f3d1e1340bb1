package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;

/**
 * One call to one provider, for one attempt. Its methods mean what those of {@link dev.sluice.relay.Upstream} mean, and are
 * called by the thread that runs the stream, one at a time.
 */
interface ProviderCall {
    void start(Runnable wake);

    Head head();

    boolean sent();

    /** Whether the request was sent, and will not have to be sent again by this call itself. */
    boolean isSentForGood();

    Reading read(Translator translator);

    Failure failure();

    /** What a failure means for another attempt. */
    RetryClass retryClass();

    void demand();

    void finish();

    void cancel();
}
