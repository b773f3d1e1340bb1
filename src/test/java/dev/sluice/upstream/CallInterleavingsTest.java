package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.interleaving.Interleavings;
import dev.sluice.interleaving.Play;
import dev.sluice.interleaving.SteppingLoader;
import java.lang.reflect.Constructor;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A call to a provider in the orders in which the threads of the stream, the client and the clock can interleave, with
 * up to two preemptions of two threads and one of three. In each order, the call ends once and releases all that it
 * holds.
 */
@Timeout(60)
final class CallInterleavingsTest {
    /** With {@code -Dpreemptions=2} this is the least for every scene. That takes half a minute. */
    private static final int AT_LEAST = Integer.getInteger("preemptions", 1);

    private static final Set<String> STEPPING =
            Set.of("UpstreamCall", "HttpExchange", "AnswerContent", "Deadline", "RefusedAnswer");

    private static final SteppingLoader LOADER =
            new SteppingLoader(CallInterleavingsTest.class.getClassLoader(), "dev.sluice.upstream", STEPPING::contains);

    @ParameterizedTest
    @EnumSource
    void call_inEveryOrder_isOverAndLeavesNothing(CallPlay.Scene scene) throws Exception {
        Constructor<?> plays = LOADER.loadClass(CallPlay.class.getName()).getConstructor(String.class);
        int orders = Interleavings.tryAll(Math.max(scene.preemptions(), AT_LEAST), () -> {
            try {
                return (Play) plays.newInstance(scene.name());
            } catch (ReflectiveOperationException wrong) {
                throw new LinkageError("The play cannot be made", wrong);
            }
        });
        assertThat(orders).as("orders tried").isGreaterThan(20);
    }
}
