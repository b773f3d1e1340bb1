package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;

/**
 * One call to one provider, for one attempt. Its methods have the meaning of those of {@link dev.sluice.relay.Upstream}. The
 * thread that runs the stream calls them, one at a time.
 */
interface ProviderCall {
    void start(Runnable wake);

    Head head();

    boolean sent();

    boolean mayHaveWorked();

    /** Whether the request was sent, and this call will not send it again by itself. */
    boolean isSentForGood();

    Reading read(Translator translator);

    Failure failure();

    /** The class of the failure, which decides about a further attempt. */
    RetryClass retryClass();

    void demand();

    void finish();

    void cancel();
}
