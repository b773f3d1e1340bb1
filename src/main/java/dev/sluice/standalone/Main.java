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
 * {@code java -jar sluice.war}. The exit status is 2 for a command line that cannot be understood, 1 for a server that
 * cannot start, and what the JVM makes of the signal that ends it.
 */
public final class Main {
    private static final int CANNOT_START = 1;
    private static final int NOT_UNDERSTOOD = 2;

    private final CommandLine line;
    private final UnpackedWar unpacked;

    /** Null until there is one to stop. Written by the main thread, read by the one that stops. */
    private volatile @Nullable Closeable server;

    private volatile @Nullable URLClassLoader loader; // likewise

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
            System.exit(NOT_UNDERSTOOD);
            return;
        }
        switch (line.wish()) {
            case HELP -> System.out.println(CommandLine.HELP);
            case VERSION ->
                System.out.println("Sluice " + Main.class.getPackage().getImplementationVersion());
            case SERVE -> {
                String fault = serve(line);
                if (fault != null) {
                    System.err.println(fault);
                    System.exit(CANNOT_START); // ends what has been started, too
                }
            }
        }
    }

    /** Returns when it serves, or why it does not. */
    private static @Nullable String serve(CommandLine line) {
        try {
            configureLog();
            Path war = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (!Files.isRegularFile(war)) {
                return "Sluice serves itself from its WAR only: java -jar sluice.war";
            }
            Main main = new Main(line, UnpackedWar.create());
            // From here on whatever ends the JVM, a fault or a signal, leaves nothing behind.
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

    /** On the way out of the JVM: streams may finish, then everything is deleted. */
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
                + "). Choose another with --port, or --host.";
    }

    /** The innermost reason with words: around it there are only the server's ways of passing it on. */
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

    /** Unless the operator has one of his own. */
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
