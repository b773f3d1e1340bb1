package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.UpstreamTimeouts;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * One provider of completions, with its timeouts and its limit of open calls. Any thread may call all methods.
 */
public abstract class Provider {
    private final Profile profile;
    private final Head head;
    private final ProviderWords words;
    private final Clock clock;
    private final Semaphore permits;
    private final RetryAllowance allowance = new RetryAllowance();

    /**
     * The settings of a provider.
     *
     * @param name its name in the configuration
     * @param maxStreams the limit of open calls
     * @param timeouts how long a stream waits for it
     * @param asksForUsage whether streams are requested with their usage
     * @param finishReasonIsOptional whether it may omit the {@code finish_reason}
     * @param defaults the defaults for fields that requests omit
     * @param dialects the names of the API dialects that it speaks
     */
    public record Profile(
            String name,
            int maxStreams,
            UpstreamTimeouts timeouts,
            boolean asksForUsage,
            boolean finishReasonIsOptional,
            RequestDefaults defaults,
            Set<String> dialects) {
        public Profile {
            dialects = Set.copyOf(dialects);
        }
    }

    Provider(Profile profile, Head head, ProviderWords words, Clock clock) {
        this.profile = profile;
        this.head = head;
        this.words = words;
        this.clock = clock;
        this.permits = new Semaphore(profile.maxStreams);
    }

    /**
     * Starts its client and threads. Called once, before any call.
     *
     * @throws Exception if it cannot be started
     */
    public abstract void start() throws Exception;

    /**
     * Ends every call and leaves no thread behind.
     *
     * @throws Exception if it did not stop cleanly
     */
    public abstract void stop() throws Exception;

    /** Whether it is reachable, and its faults so far. */
    public abstract Standing standing();

    /** A call that is not started. */
    abstract ProviderCall call(Target target, UpstreamRequest sending);

    /**
     * Passes the list of its models to the reader, once.
     *
     * @param owner the owner of models that name none
     * @param reader called by this thread or another one; must not block
     */
    abstract void listModels(String owner, Consumer<ModelList.Answer> reader);

    /** Its name in the settings. */
    public String name() {
        return profile.name;
    }

    /** The number of open calls. */
    public int openCalls() {
        return profile.maxStreams - permits.availablePermits();
    }

    /** The number of retries since the start. */
    public long retries() {
        return allowance.spent();
    }

    /** The full name of one of its settings. */
    String setting(String key) {
        return (profile.name.equals("default") ? "sluice.upstream." : "sluice.upstreams." + profile.name + ".") + key;
    }

    Clock clock() {
        return clock;
    }

    UpstreamTimeouts timeouts() {
        return profile.timeouts;
    }

    boolean asksForUsage() {
        return profile.asksForUsage;
    }

    boolean finishReasonIsOptional() {
        return profile.finishReasonIsOptional;
    }

    /** Whether it answers requests in this dialect. */
    boolean speaks(Dialect dialect) {
        return profile.dialects.contains(dialect.family());
    }

    RequestDefaults defaults() {
        return profile.defaults;
    }

    RetryAllowance allowance() {
        return allowance;
    }

    ProviderWords words() {
        return words;
    }

    /** The head of a response before the provider's own is known. */
    Head head() {
        return head;
    }

    int maxStreams() {
        return profile.maxStreams;
    }

    /** The failure of a call for which {@link #tryAcquire} has returned false. */
    Failure noRoom() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "All " + profile.maxStreams + " streams to the upstream (" + setting("max-streams")
                        + ") are taken: try again.",
                Duration.ofSeconds(1));
    }

    /** Takes the permit of one call; false if there is none. */
    boolean tryAcquire() {
        return permits.tryAcquire();
    }

    /** Returns the permit of one call. */
    void release() {
        permits.release();
    }
}
