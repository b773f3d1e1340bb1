package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.UpstreamTimeouts;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * One provider of completions: what it is called, how long it is waited for, and how many calls of it may be open at once.
 * All methods may be called by any thread.
 */
public abstract class Provider {
    private final Profile profile;
    private final Head head;
    private final ProviderWords words;
    private final Clock clock;
    private final Semaphore permits;
    private final RetryAllowance allowance = new RetryAllowance();

    /**
     * What an operator says of a provider.
     *
     * @param name what the configuration calls it
     * @param maxStreams how many calls may be open at once
     * @param timeouts how long it is waited for
     * @param asksForUsage whether streams are asked for what they cost
     * @param finishReasonIsOptional whether it may end an answer without a reason why it ends
     * @param defaults what requests may leave out
     */
    public record Profile(
            String name,
            int maxStreams,
            UpstreamTimeouts timeouts,
            boolean asksForUsage,
            boolean finishReasonIsOptional,
            RequestDefaults defaults) {}

    Provider(Profile profile, Head head, ProviderWords words, Clock clock) {
        this.profile = profile;
        this.head = head;
        this.words = words;
        this.clock = clock;
        this.permits = new Semaphore(profile.maxStreams);
    }

    /**
     * Call once, before anything else.
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

    /** What is known of it. */
    public abstract Standing standing();

    /** A call that is not started yet. */
    abstract ProviderCall call(Target target, UpstreamRequest sending);

    /**
     * Tells the models that it has, once.
     *
     * @param owner whom entries belong to that do not say so themselves
     * @param reader called by this thread or another; must not block
     */
    abstract void listModels(String owner, Consumer<ModelList.Answer> reader);

    /** What the configuration calls it. */
    public String name() {
        return profile.name;
    }

    /** Calls that are open now. */
    public int openCalls() {
        return profile.maxStreams - permits.availablePermits();
    }

    /** Calls made once more because there was no answer. */
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

    RequestDefaults defaults() {
        return profile.defaults;
    }

    RetryAllowance allowance() {
        return allowance;
    }

    ProviderWords words() {
        return words;
    }

    /** What answers of this provider say of themselves before they begin. */
    Head head() {
        return head;
    }

    int maxStreams() {
        return profile.maxStreams;
    }

    /** Why a call is refused that {@link #tryAcquire} has no room for. */
    Failure noRoom() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "All " + profile.maxStreams + " streams to the upstream (" + setting("max-streams") + ") are taken.",
                Duration.ofSeconds(1));
    }

    boolean tryAcquire() {
        return permits.tryAcquire();
    }

    void release() {
        permits.release();
    }
}
