package dev.sluice.relay;

import dev.sluice.chat.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Where an {@link Upstream} tells how often it asks a provider, and whom. How the last attempt ends is told by the stream,
 * which alone knows whether the answer is whole. Called by the thread that runs the stream, from within the upstream's
 * methods.
 */
public interface Attempts {
    /** For an upstream of which nobody wants to know. */
    Attempts UNHEARD = new Attempts() {
        @Override
        public void began(String upstream, @Nullable String model) {}

        @Override
        public void failed(Failure reason) {}
    };

    /**
     * A provider is asked, now.
     *
     * @param upstream its name in the configuration
     * @param model what it is asked for, by its own name; null if the request names none
     */
    void began(String upstream, @Nullable String model);

    /** The attempt that began last has failed for this reason, and another one is to follow. */
    void failed(Failure reason);
}
