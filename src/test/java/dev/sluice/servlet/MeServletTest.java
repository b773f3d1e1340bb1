package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger;
import dev.sluice.admission.Level;
import dev.sluice.admission.Plans;
import dev.sluice.config.Plan;
import dev.sluice.config.Rate;
import dev.sluice.config.Rate.Period;
import dev.sluice.config.Settings;
import dev.sluice.web.FakeAsyncExchange;
import dev.sluice.web.Leases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What {@code GET /me} answers to whoever calls on this machine. */
class MeServletTest {
    private static final Plan PLAN = new Plan(
            "default",
            List.of("gpt-*", "sim/fast"),
            2,
            List.of(),
            List.of(new Rate(1_000, Period.MINUTE)),
            500,
            100,
            Plan.Per.CALLER);

    private final Leases leases = new Leases();
    private final Late ledger = new Late();

    @Test
    void caller_withAPlan_isToldWhatIsLeft_whenTheLedgerKnows() throws Exception {
        FakeAsyncExchange exchange =
                get(new Plans(new Settings.Plans(new TreeMap<>(Map.of("default", PLAN)), Map.of(), new TreeMap<>())));
        exchange.writable();
        assertThat(exchange.completions()).as("before the ledger has answered").isZero();
        assertThat(leases.open()).isZero();
        ledger.answer();
        assertThat(exchange.completions()).isEqualTo(1);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answered("Cache-Control")).isEqualTo("no-store");
        assertThat(exchange.answered("Content-Type")).isEqualTo("application/json");
        assertThat(exchange.body())
                .isEqualTo("{\"name\":\"local\",\"established_by\":\"this_machine\",\"groups\":[],\"plan\":\"default\","
                        + "\"models\":[\"gpt-*\",\"sim/fast\"],\"max_output_tokens\":500,\"limits\":["
                        + "{\"unit\":\"streams\",\"period\":null,\"amount\":2,\"spent\":300,\"held\":200,"
                        + "\"remaining\":0,\"whole_in_ms\":18000},"
                        + "{\"unit\":\"tokens\",\"period\":\"minute\",\"amount\":1000,\"spent\":300,\"held\":200,"
                        + "\"remaining\":500,\"whole_in_ms\":18000}]}");
    }

    @Test
    void caller_withoutAPlan_isToldSoAtOnce() throws Exception {
        FakeAsyncExchange exchange = get(Plans.NONE);
        exchange.writable();
        assertThat(exchange.body())
                .isEqualTo("{\"name\":\"local\",\"established_by\":\"this_machine\",\"groups\":[],\"plan\":null,"
                        + "\"models\":null,\"max_output_tokens\":null,\"limits\":[]}");
    }

    @Test
    void ledger_thatDoesNotAnswer_isA504() throws Exception {
        FakeAsyncExchange exchange =
                get(new Plans(new Settings.Plans(new TreeMap<>(Map.of("default", PLAN)), Map.of(), new TreeMap<>())));
        exchange.writable();
        exchange.timeOut();
        assertThat(exchange.status()).isEqualTo(504);
        assertThat(exchange.body()).contains("\"me_timeout\"");
        ledger.answer();
        assertThat(exchange.completions()).isEqualTo(1);
    }

    private FakeAsyncExchange get(Plans plans) throws Exception {
        FakeAsyncExchange exchange = new FakeAsyncExchange("GET", null);
        new MeServlet(request -> leases.of(plans), ledger).service(exchange.request(), exchange.response());
        return exchange;
    }

    /** Answers when the test says so. */
    private static final class Late implements Ledger {
        private final List<Runnable> waiting = new ArrayList<>();

        void answer() {
            waiting.forEach(Runnable::run);
        }

        @Override
        public void take(Account account, long tokens, Consumer<Verdict> told) {
            throw new AssertionError("taken");
        }

        @Override
        public void read(Account account, Consumer<List<Level>> told) {
            waiting.add(() -> told.accept(account.limits().stream()
                    .map(limit -> new Level(limit, 300, 200, Duration.ofSeconds(18)))
                    .toList()));
        }
    }
}
