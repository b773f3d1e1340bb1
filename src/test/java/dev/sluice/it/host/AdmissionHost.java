package dev.sluice.it.host;

import dev.sluice.admission.Admission;
import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.chat.Failure;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Limits;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamSummary;
import dev.sluice.relay.Streams;
import dev.sluice.servlet.BodyBudget;
import dev.sluice.servlet.BodyLimit;
import dev.sluice.servlet.ClientWatch;
import dev.sluice.servlet.DoctorEndpoint;
import dev.sluice.servlet.Handling;
import dev.sluice.servlet.StreamServlet;
import dev.sluice.web.Lease;
import dev.sluice.web.Pass;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;

/**
 * A host with streams of its own, to which it admits as its tests say: {@code /refused}, and {@code /later} once {@code
 * /decide} is called, which tells how many are undecided before and how streams that were admitted have ended.
 */
public final class AdmissionHost implements ServletContextListener {
    private static final List<Field> FIELDS = List.of(new Field("x-ratelimit-remaining-tokens", "0"));
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15), 1000);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final ClientWatch clients = new ClientWatch();
    private final Queue<Asker> undecided = new ConcurrentLinkedQueue<>();
    private final Queue<String> ends = new ConcurrentLinkedQueue<>();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        Filter access = (request, response, chain) -> {
            Pass.giveEverything((HttpServletRequest) request, Caller.LOCAL, request.getRemoteAddr());
            chain.doFilter(request, response);
        };
        var filter = context.addFilter("everybody", access);
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/refused", "/later");
        clients.start();
        servlet(context, "/refused", streams((stream, asked) -> refused()));
        servlet(context, "/later", streams((stream, asked) -> new Later()));
        servlet(context, "/decide", new Decide());
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        scheduler.shutdownNow();
        try {
            clients.stop();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Refused refused() {
        return new Refused(
                new Failure(429, "rate_limit_error", "rate_limit_exceeded", "Too much.", null, Duration.ofSeconds(7)),
                FIELDS);
    }

    private Servlet streams(Admission admission) {
        Alarms alarms = new Alarms(scheduler);
        Handling handling = new Handling(
                new DoctorEndpoint(alarms, Duration.ofSeconds(15), new Semaphore(10)),
                admission,
                new BodyLimit(new BodyBudget(1 << 20), 1000, "none"),
                LIMITS);
        return new StreamServlet(
                request -> new Owned(handling),
                new Streams(alarms, scheduler, new StreamMetrics()),
                clients,
                List.of());
    }

    private static void servlet(ServletContext context, String path, Servlet servlet) {
        var registration = context.addServlet(path, servlet);
        registration.setAsyncSupported(true);
        registration.addMapping(path);
    }

    private final class Later implements Pending {
        @Override
        public void begin(Asker asker) {
            undecided.add(asker);
        }

        @Override
        public void cancel() {
            ends.add("CANCELLED");
        }
    }

    /** Admits the oldest request, by a thread that is none of the container's, and tells what has happened before. */
    private final class Decide extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(undecided.size() + " " + ends);
            Asker oldest = undecided.poll();
            if (oldest != null) {
                StreamListener listener = new StreamListener() {
                    @Override
                    public void ended(StreamSummary summary) {
                        ends.add(summary.outcome().name());
                    }
                };
                scheduler.execute(() -> oldest.answer(new Admitted(listener, FIELDS)));
            }
        }
    }

    /** The handling lives as long as the application. */
    private record Owned(Handling value) implements Lease<Handling> {
        @Override
        public Lease<Handling> share() {
            return this;
        }

        @Override
        public void close() {}
    }
}
