package dev.sluice.simulator;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * An upstream of our own, for when there is no key: speaks OpenAI's chat-completions dialect in real HTTP bytes, in
 * memory, over connections that hold back what their reader does not take. No model is asked: each of its
 * {@linkplain #models models} is a script of something that a real upstream may do, so that people can test their own
 * clients. All but those that only count say in their first words who is speaking.
 *
 * <p>It has a few threads of its own, however many streams there are. {@link #start} and {@link #close} belong to one
 * thread; all else may be used by any, from the start to the close.
 */
public final class Simulator implements AutoCloseable {
    private static final int MOST_THREADS = 4;

    private final Traffic traffic = new Traffic();
    private final Server server;
    private final Transport transport;

    /**
     * A simulator that is yet to be started.
     *
     * @param clock paces the answers; shared, so it is neither held up nor stopped
     */
    public Simulator(ScheduledExecutorService clock) {
        this(clock, System::nanoTime);
    }

    /** @param nanoTime tells the clock's time, as {@link System#nanoTime} does */
    Simulator(ScheduledExecutorService clock, LongSupplier nanoTime) {
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
        threads.setName("sluice-simulator");
        threads.setDaemon(true);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        server = new Server(threads, new ScheduledExecutorScheduler(clock), null);
        PipeConnector connector = new PipeConnector(server, http);
        server.addConnector(connector);
        server.setHandler(new Completions(new Pacer(clock, nanoTime, threads), traffic));
        transport = connector.transport();
    }

    /** The names of the models, all of which begin with {@code sim/}. */
    public static List<String> models() {
        return Model.ids();
    }

    /**
     * Begins to serve.
     *
     * @throws Exception if Jetty's server could not start
     */
    public void start() throws Exception {
        server.start();
    }

    /** The way here for a request of Jetty's HttpClient, whatever host it names; plain HTTP/1.1. */
    public Transport transport() {
        return transport;
    }

    /** Breaks off what is still streaming. Leaves no thread behind. */
    @Override
    public void close() {
        LifeCycle.stop(server);
    }

    /** For tests. */
    Traffic traffic() {
        return traffic;
    }
}
