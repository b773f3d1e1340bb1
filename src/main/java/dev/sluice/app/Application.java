package dev.sluice.app;

import static java.util.Objects.requireNonNull;

import dev.sluice.config.Configuration;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.config.SettingsReader;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelShape;
import dev.sluice.page.PageFilter;
import dev.sluice.page.PageServlet;
import dev.sluice.relay.Caller;
import dev.sluice.relay.StreamListener;
import dev.sluice.servlet.Handling;
import dev.sluice.servlet.HealthServlet;
import dev.sluice.servlet.MeServlet;
import dev.sluice.servlet.MetricsServlet;
import dev.sluice.servlet.ModelsServlet;
import dev.sluice.servlet.StreamServlet;
import dev.sluice.web.ErrorShape;
import dev.sluice.web.Mount;
import dev.sluice.web.Pass;
import dev.sluice.web.ProblemServlet;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import javax.naming.InitialContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops Sluice with the servlet context of its own WAR. The container calls it, one method at a time.
 *
 * @see Guest
 */
public final class Application implements ServletContextListener {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    /** The URL patterns that containers map to their own servlets, with or without a JSP engine. */
    private static final String[] ENGINES_PAGES = {
        "*.jsp", "*.jspf", "*.jspx", "*.xsp", "*.JSP", "*.JSPF", "*.JSPX", "*.XSP"
    };

    /** All dispatches but ERROR: the error page has to be shown to everyone. */
    private static final Set<DispatcherType> DISPATCHES =
            Set.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.FORWARD, DispatcherType.INCLUDE);

    /** The context attribute that tells java -jar the value of sluice.drain, a {@link Long} in milliseconds. */
    private static final String DRAIN_MILLIS = "dev.sluice.drain-millis";

    private final Mount mount;

    /** Set by the container's thread at the start and at the stop. */
    private volatile @Nullable Engine engine;

    /** The constructor for {@code web.xml}. */
    public Application() {
        this(Mount.ROOT);
    }

    Application(Mount mount) {
        this.mount = mount;
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        LOG.info("Sluice {} in {}, Java {}", version(), context.getServerInfo(), Runtime.version());
        try {
            start(context);
        } catch (RuntimeException fault) {
            // Logged here, because Tomcat writes exceptions of listeners to a log file of the host only.
            if (fault instanceof SettingsException) {
                LOG.error("{}", fault.getMessage());
            } else {
                LOG.error("Sluice cannot start", fault);
            }
            throw fault;
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        Engine running = engine;
        if (running != null) {
            engine = null;
            running.stop();
        }
    }

    /**
     * Replaces the settings for all later requests; see {@link Generations#replace}. It may block; any thread may call it.
     *
     * @return the names of changed settings that take effect at the next start only
     */
    List<String> replace(Settings settings) {
        Engine running = engine;
        if (running == null) {
            throw new IllegalStateException("Sluice does not run");
        }
        return running.generations().replace(settings);
    }

    private void start(ServletContext context) {
        Configuration configuration = SettingsReader.read(SettingsReader.layers(
                Application.class.getClassLoader(),
                parameters(context),
                InitialContext::doLookup,
                System.getProperties(),
                System.getenv()));
        configuration.log(LOG);
        Engine started = Engine.start(configuration.settings());
        engine = started;
        try {
            mount.in(context);
            register(context, started);
            context.setAttribute(
                    DRAIN_MILLIS, configuration.settings().stream().drain().toMillis());
        } catch (RuntimeException | Error e) {
            engine = null;
            started.stop(); // a container may not call contextDestroyed after a failed start
            throw e;
        }
    }

    private void register(ServletContext context, Engine engine) {
        Generations generations = engine.generations();
        filter(context, "page", new PageFilter(), "/*");
        for (Dialect dialect : engine.dialects().all()) {
            ModelShape models = dialect.models();
            if (models != null) { // the lists of models, and paths that nobody answers
                filter(context, dialect.name() + "-clients", new ErrorShape(dialect::error, models.header()), "/v1/*");
            }
        }
        for (Dialect dialect : engine.dialects().all()) {
            filter(context, dialect.name() + "-errors", new ErrorShape(dialect::error, null), dialect.clientPath());
        }
        filter(context, "access", new GenerationFilter(generations), "/*");
        servlet(context, "page", new PageServlet(), mount.pagePatterns());
        stream(context, engine, "chat", Generation::chat, engine.listeners(), "/chat");
        for (Dialect dialect : engine.dialects().all()) {
            stream(
                    context,
                    engine,
                    dialect.name(),
                    generation -> generation.dialect(dialect.path()),
                    engine.listeners(),
                    dialect.clientPath());
        }
        stream(context, engine, "doctor", Generation::doctor, engine.listenersOfExaminations(), "/doctor/stream");
        servlet(
                context,
                "models",
                new ModelsServlet(
                        request -> {
                            Caller caller = requireNonNull(Pass.callerOf(request));
                            return generations.lease(request).of(generation -> generation.models(caller));
                        },
                        engine.dialects().modelShapes()),
                "/v1/models/*");
        servlet(
                context,
                "me",
                new MeServlet(request -> generations.lease(request).of(Generation::plans), engine.ledger()),
                "/me");
        servlet(context, "health", new HealthServlet(engine::readiness), "/health/*");
        // All other paths below /v1 too, because the container would answer 405 to a POST there. And /dev, which has
        // the classes of the standalone server in the WAR: the container would serve them as static files.
        servlet(context, "problem", new ProblemServlet(), "/problem", "/v1/*", "/dev/*");
        if (mount.isRoot()) {
            // All other paths too, with those of JSPs. The container's own servlets would send an error, whose page
            // cannot be written without blocking in every container.
            var problem = context.getServletRegistration("sluice-problem");
            problem.addMapping("/");
            problem.addMapping(ENGINES_PAGES);
        }
        servlet(context, "metrics", new MetricsServlet(engine::metrics), "/metrics");
    }

    private void filter(ServletContext context, String name, Filter filter, String pattern) {
        var registration = context.addFilter("sluice-" + name, filter);
        registration.setAsyncSupported(true);
        // Behind the host's filters, which may authenticate its users. For all dispatches, so that a filter that
        // suspends a request, and a servlet that forwards to Sluice or includes it, do not get past the access filter.
        registration.addMappingForUrlPatterns(EnumSet.copyOf(DISPATCHES), !mount.isRoot(), mount.patterns(pattern));
    }

    private void stream(
            ServletContext context,
            Engine engine,
            String name,
            Function<Generation, Handling> handling,
            List<StreamListener.Factory> listeners,
            String pattern) {
        Generations generations = engine.generations();
        servlet(
                context,
                name,
                new StreamServlet(
                        request -> generations.lease(request).of(handling),
                        engine.streams(),
                        engine.clients(),
                        listeners),
                pattern);
    }

    private void servlet(ServletContext context, String name, Servlet servlet, String... patterns) {
        var registration = context.addServlet("sluice-" + name, servlet);
        registration.setAsyncSupported(true);
        registration.addMapping(mount.patterns(patterns));
    }

    /** The version, which the build has written into a file. */
    private static String version() {
        Properties written = new Properties();
        try (InputStream in = Application.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                written.load(in);
            }
        } catch (IOException unreadable) {
            LOG.debug("The version cannot be read", unreadable);
        }
        return written.getProperty("version", "of an unknown version");
    }

    private static Map<String, String> parameters(ServletContext context) {
        Map<String, String> parameters = new HashMap<>();
        context.getInitParameterNames()
                .asIterator()
                .forEachRemaining(name -> parameters.put(name, context.getInitParameter(name)));
        return parameters;
    }
}
