package dev.sluice.standalone;

import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parsed command line.
 *
 * @param command what to do; the other options are for {@link Command#SERVE}
 * @param host the name or address to listen at
 * @param port the port to listen at; 0 for a free one
 * @param contextPath the context path: {@code /}, or one that begins with a slash and does not end with one
 */
record CommandLine(Command command, String host, int port, String contextPath) {
    static final String HELP = """
            Serves Sluice until Ctrl-C or SIGTERM, which let running streams finish (sluice.drain).

              java [-D<setting>=<value> ...] -jar sluice.war [options]

              --port=<number>        the port; 0 takes a free one and tells which (default: $PORT, else 8080)
              --host=<name>          the address to listen at; 0.0.0.0 is every one (default: 127.0.0.1)
              --context-path=</path> the path below which everything is (default: /)
              --version              tells the version
              --help                 tells this

            Sluice's own settings are system properties, environment variables (sluice.upstream.url is
            SLUICE_UPSTREAM_URL), or in the file that sluice.config names. Without any, a simulator answers.""";

    private static final int DEFAULT_PORT = 8080;
    private static final int LAST_PORT = 65_535;

    /** Characters that need no escaping in a URL and have no special meaning to Jetty. */
    private static final Pattern CONTEXT_PATH = Pattern.compile("/|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");

    enum Command {
        SERVE,
        HELP,
        VERSION
    }

    /** @param port the environment variable {@code PORT}, which {@code --port} overrides; null if it is not set */
    static CommandLine parse(List<String> arguments, @Nullable String port) throws CommandLineException {
        CommandLine line = new CommandLine(Command.SERVE, "127.0.0.1", DEFAULT_PORT, "/");
        boolean hasPort = false;
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            switch (name) {
                case "--help", "-h" -> {
                    return line.with(Command.HELP);
                }
                case "--version" -> line = line.with(Command.VERSION);
                case "--port" -> {
                    line = line.at(port(name, value(name, argument, equals, rest)));
                    hasPort = true;
                }
                case "--host" -> line = line.on(host(value(name, argument, equals, rest)));
                case "--context-path" -> line = line.below(contextPath(value(name, argument, equals, rest)));
                default ->
                    throw new CommandLineException("Unknown option " + argument
                            + ": there are --port, --host, --context-path, --version and --help.");
            }
        }
        return hasPort || port == null || port.isBlank() ? line : line.at(port("The environment variable PORT", port));
    }

    private static String value(String name, String argument, int equals, Iterator<String> rest)
            throws CommandLineException {
        if (equals >= 0) {
            return argument.substring(equals + 1);
        }
        if (!rest.hasNext()) {
            throw new CommandLineException(name + " needs a value: " + name + "=...");
        }
        return rest.next();
    }

    private static int port(String name, String value) throws CommandLineException {
        try {
            int port = Integer.parseInt(value.strip());
            if (port >= 0 && port <= LAST_PORT) {
                return port;
            }
        } catch (NumberFormatException noNumber) {
            // Reported below.
        }
        throw new CommandLineException(
                name + " is \"" + value + "\" and must be a number from 0 to " + LAST_PORT + ".");
    }

    private static String host(String value) throws CommandLineException {
        if (value.isBlank() || value.startsWith("--")) {
            throw new CommandLineException(
                    "--host is \"" + value + "\" and must be a name or an address of this machine.");
        }
        return value;
    }

    private static String contextPath(String value) throws CommandLineException {
        if (!CONTEXT_PATH.matcher(value).matches()) {
            throw new CommandLineException(
                    "--context-path is \"" + value + "\" and must be /, or begin with a slash, end"
                            + " without one, and be of letters, digits and ._~- in between: /sluice");
        }
        return value;
    }

    private CommandLine with(Command other) {
        return new CommandLine(other, host, port, contextPath);
    }

    private CommandLine at(int other) {
        return new CommandLine(command, host, other, contextPath);
    }

    private CommandLine on(String other) {
        return new CommandLine(command, other, port, contextPath);
    }

    private CommandLine below(String other) {
        return new CommandLine(command, host, port, other);
    }
}
