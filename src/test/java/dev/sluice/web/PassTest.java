package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger;
import dev.sluice.admission.Level;
import dev.sluice.page.PageServlet;
import dev.sluice.relay.Caller;
import dev.sluice.servlet.HealthServlet;
import dev.sluice.servlet.MeServlet;
import dev.sluice.servlet.MetricsServlet;
import dev.sluice.servlet.ModelsServlet;
import dev.sluice.servlet.Readiness;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** No servlet answers whom the filter has not let in to it. */
class PassTest {
    private static final HealthServlet HEALTH = new HealthServlet(() -> new Readiness(null, List.of()));
    private static final MetricsServlet METRICS = new MetricsServlet(() -> "numbers 1\n");
    private static final PageServlet PAGE = new PageServlet();
    private static final ProblemServlet PROBLEM = new ProblemServlet();
    private static final ModelsServlet MODELS = new ModelsServlet(
            reader -> {
                throw new AssertionError("asked");
            },
            List.of());

    private static final MeServlet ME = new MeServlet(
            request -> {
                throw new AssertionError("asked");
            },
            new Ledger() {
                @Override
                public void take(Account account, long tokens, Consumer<Verdict> told) {
                    throw new AssertionError("taken");
                }

                @Override
                public void read(Account account, Consumer<List<Level>> told) {
                    throw new AssertionError("read");
                }
            });

    private static final Map<HttpServlet, Set<Pass>> STRANGERS = Map.of(
            HEALTH, Set.of(Pass.HEALTH),
            METRICS, Set.of(Pass.METRICS),
            PAGE, Set.of(Pass.PAGE),
            PROBLEM, Set.of(Pass.HEALTH, Pass.METRICS, Pass.PAGE),
            MODELS, Set.of(),
            ME, Set.of());

    @Test
    void requestThatWasNotLookedAt_isRefusedByEveryServlet() throws Exception {
        for (HttpServlet servlet : STRANGERS.keySet()) {
            FakeExchange exchange = new FakeExchange("GET", "/nothing").dispatch(DispatcherType.FORWARD);
            assertRefused(servlet, exchange);
        }
    }

    @Test
    void strangerLetInToSomethingElse_isRefused() throws Exception {
        for (var each : STRANGERS.entrySet()) {
            for (Pass pass : List.of(Pass.HEALTH, Pass.METRICS, Pass.PAGE)) {
                if (!each.getValue().contains(pass)) {
                    FakeExchange exchange = new FakeExchange("GET", "/nothing");
                    pass.giveTo(exchange.request());
                    assertRefused(each.getKey(), exchange);
                }
            }
        }
    }

    @Test
    void strangerLetInToThis_isAnswered() throws Exception {
        FakeExchange exchange = new FakeExchange("GET", "/health/live");
        Pass.HEALTH.giveTo(exchange.request());
        HEALTH.service(exchange.request(), exchange.response());
        assertThat(exchange.body()).contains("UP");
    }

    @Test
    void attributeOfAnotherType_isNoPass() throws Exception {
        for (Object forged : new Object[] {true, "EVERYTHING", DispatcherType.REQUEST}) {
            FakeExchange exchange = new FakeExchange("GET", "/metrics");
            exchange.request().setAttribute("dev.sluice.pass", forged);
            assertRefused(METRICS, exchange);
        }
    }

    /** Its rules are its own, and so are the names of its callers. */
    @Test
    void passGivenByTheSluiceOfAnotherApplication_isNone() throws Exception {
        FakeExchange exchange = new FakeExchange("GET", "/v1/models");
        Class<?> pass = new OwnClasses().loadClass(Pass.class.getName());
        Class<?> caller = pass.getClassLoader().loadClass(Caller.class.getName());
        pass.getMethod("giveEverything", HttpServletRequest.class, caller, String.class)
                .invoke(null, exchange.request(), caller.getField("LOCAL").get(null), null);
        assertThat(exchange.request().getAttribute("dev.sluice.pass")).isNotNull();
        assertThat(Pass.callerOf(exchange.request())).isNull();
        assertRefused(MODELS, exchange);
    }

    @Test
    void everything_isGivenToNobodyWithoutAName() {
        FakeExchange exchange = new FakeExchange("GET", "/v1/models");
        assertThatThrownBy(() -> Pass.EVERYTHING.giveTo(exchange.request())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void error_isExplainedToAnybody() throws Exception {
        FakeExchange exchange = new FakeExchange("GET", "/nothing").dispatch(DispatcherType.ERROR);
        PROBLEM.service(exchange.request(), exchange.response());
        assertThat(exchange.status()).isEqualTo(404);
    }

    private static void assertRefused(HttpServlet servlet, FakeExchange exchange) throws Exception {
        servlet.service(exchange.request(), exchange.response());
        assertThat(exchange.status()).as(servlet.getClass().getSimpleName()).isEqualTo(403);
        assertThat(exchange.body()).as(servlet.getClass().getSimpleName()).contains("not_looked_at");
    }

    /** Has our classes once more, as the class loader of another application does. */
    private static final class OwnClasses extends ClassLoader {
        OwnClasses() {
            super(PassTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.sluice.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(name, unreadable);
            }
        }
    }
}
