package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that leave in the middle of an answer, beside others. Containers use the objects of a request again for the next
 * one: an end that comes too late would be the end of somebody else's request. Tomcat does so unless its connector has {@code
 * processorCache="0"}, as the one of these tests has.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LeaversIT {
    private static final int LEAVERS = 6;
    private static final int TIMES = 40;
    private static final int OTHERS = 3;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    LeaversIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void clients_thatLeave_endNobodyElsesRequest() throws Exception {
        upstream.script(exchange -> {
            if (exchange.prompt().equals("leave")) {
                exchange.stream();
                while (!exchange.closed().isDone()) {
                    exchange.token("token");
                }
            } else {
                Scripts.flood(3).answer(exchange);
            }
        });
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(LEAVERS + OTHERS);
        try {
            List<Future<Integer>> others = start(threads, OTHERS, () -> stay(over));
            for (Future<Integer> leaver : start(threads, LEAVERS, LeaversIT::leave)) {
                leaver.get(2, TimeUnit.MINUTES);
            }
            over.set(true);
            int whole = 0;
            for (Future<Integer> other : others) {
                whole += other.get(1, TimeUnit.MINUTES);
            }
            assertThat(whole).as("whole answers meanwhile").isPositive();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        container.awaitIdle();
    }

    private static List<Future<Integer>> start(ExecutorService threads, int number, Callable<Integer> task) {
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            all.add(threads.submit(task));
        }
        return all;
    }

    private static int leave() throws IOException {
        for (int i = 0; i < TIMES; i++) {
            RawClient client = RawClient.chat(container.base(), "leave");
            client.nextEvent();
            client.reset();
        }
        return TIMES;
    }

    private static int stay(AtomicBoolean over) throws IOException {
        int whole = 0;
        while (!over.get()) {
            try (RawClient client = RawClient.chat(container.base(), "stay")) {
                assertThat(client.rest().end())
                        .as("the answer to request " + whole)
                        .isEqualTo(Answer.End.CLEAN);
                whole++;
            }
        }
        return whole;
    }
}
