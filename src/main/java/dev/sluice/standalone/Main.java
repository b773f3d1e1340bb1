package dev.sluice.standalone;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.SocketException;
import java.net.URISyntaxException;
import java.net.URLClassLoader;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * {@code java -jar sluice.war}. The exit status is 2 if the command line is not valid, 1 if the server cannot start, and
 * otherwise the JVM's own for the signal that has ended it.
 */
public final class Main {
    private static final int CANNOT_START = 1;
    private static final int INVALID_COMMAND_LINE = 2;

    private final CommandLine line;
    private final UnpackedWar unpacked;

    /** Null until it has been created. Written by the main thread, read by the shutdown hook. */
    private volatile @Nullable Closeable server;

    /** Null until it has been created. Written by the main thread, read by the shutdown hook. */
    private volatile @Nullable URLClassLoader loader;

    private Main(CommandLine line, UnpackedWar unpacked) {
        this.line = line;
        this.unpacked = unpacked;
    }

    public static void main(String[] arguments) {
        CommandLine line;
        try {
            line = CommandLine.parse(List.of(arguments), System.getenv("PORT"));
        } catch (CommandLineException fault) {
            System.err.println(fault.getMessage());
            System.exit(INVALID_COMMAND_LINE);
            return;
        }
        switch (line.command()) {
            case HELP -> System.out.println(CommandLine.HELP);
            case VERSION ->
                System.out.println("Sluice " + Main.class.getPackage().getImplementationVersion());
            case SERVE -> {
                String fault = serve(line);
                if (fault != null) {
                    System.err.println(fault);
                    System.exit(CANNOT_START); // the shutdown hook stops what has been started
                }
            }
        }
    }

    /** Starts the server. Returns null when it serves, or the message why it cannot. */
    private static @Nullable String serve(CommandLine line) {
        try {
            configureLog();
            Path war = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (!Files.isRegularFile(war)) {
                return "Sluice can start by itself from its WAR only. Run: java -jar sluice.war";
            }
            Main main = new Main(line, UnpackedWar.create());
            // From here on the hook deletes the unpacked WAR, whether a fault or a signal ends the JVM.
            Runtime.getRuntime().addShutdownHook(new Thread(main::stop, "sluice-stop"));
            return main.start(war);
        } catch (IOException | URISyntaxException | ReflectiveOperationException fault) {
            String words = String.valueOf(fault.getMessage());
            return words.startsWith("Sluice ") ? words : "Sluice cannot start: " + fault;
        }
    }

    private @Nullable String start(Path war) throws IOException, ReflectiveOperationException {
        unpacked.unpack(war);
        URLClassLoader jetty = unpacked.jetty();
        loader = jetty;
        Thread.currentThread().setContextClassLoader(jetty);
        Object made;
        try {
            made = jetty.loadClass("dev.sluice.standalone.EmbeddedJetty")
                    .getConstructor(Path.class, Path.class, String.class, int.class, String.class)
                    .newInstance(unpacked.webapp(), unpacked.temporary(), line.host(), line.port(), line.contextPath());
        } catch (InvocationTargetException fault) {
            return cannotStart(fault);
        }
        server = (Closeable) made;
        try {
            Object port = ((Callable<?>) made).call();
            System.out.println("Sluice serves http://" + hostInUrl() + ":" + port + line.contextPath());
            return null;
        } catch (BindException | UnresolvedAddressException taken) {
            return cannotListen(taken);
        } catch (Exception fault) {
            Throwable cause = fault.getCause();
            return fault instanceof IOException
                            && (cause instanceof SocketException || cause instanceof UnresolvedAddressException)
                    ? cannotListen(cause)
                    : cannotStart(fault);
        }
    }

    /** Stops the server, which lets streams finish, and deletes the unpacked WAR. Called by the shutdown hook. */
    private void stop() {
        Closeable running = server;
        URLClassLoader classes = loader;
        try {
            if (running != null) {
                running.close();
            }
            if (classes != null) {
                classes.close();
            }
        } catch (IOException fault) {
            System.err.println("Sluice did not stop cleanly: " + fault);
        } finally {
            unpacked.delete();
        }
    }

    private String cannotListen(Throwable fault) {
        String reason = fault.getMessage();
        return "Sluice cannot listen at " + line.host() + ":" + line.port() + " ("
                + (reason == null ? "no such host" : reason)
                + "). Choose another port with --port, or another address with --host.";
    }

    /** The message of the innermost cause that has one; the outer exceptions are wrappers of Jetty's. */
    private static String cannotStart(Throwable fault) {
        String words = fault.toString();
        for (Throwable each = fault; each != null; each = each.getCause()) {
            if (each.getMessage() != null) {
                words = each.getMessage();
            }
        }
        return words.startsWith("Sluice ") ? words : "Sluice cannot start: " + words;
    }

    private String hostInUrl() {
        return line.host().contains(":") ? "[" + line.host() + "]" : line.host();
    }

    /** Configures java.util.logging, unless the operator has configured it by its system properties. */
    private static void configureLog() throws IOException {
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            try (InputStream log = Main.class.getResourceAsStream("/META-INF/standalone/logging.properties")) {
                if (log != null) {
                    LogManager.getLogManager().readConfiguration(log);
                }
            }
        }
    }
}
