package dev.sluice.bench;

import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A Jetty with a proxy servlet only. It runs in a process of its own. */
final class JettyProxyServer {
    private static final String PREFIX = "/v1";
    private static final int BACKLOG = 4096;

    private JettyProxyServer() {}

    /**
     * Serves until the process is killed.
     *
     * @param arguments the port, and the upstream's URL with its path
     */
    public static void main(String[] arguments) throws Exception {
        Server server = server(Integer.parseInt(arguments[0]), arguments[1]);
        server.start();
        server.join();
    }

    /** The server, not started. */
    static Server server(int port, String upstream) {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        ServletHolder proxy = new ServletHolder(new FlushingProxyServlet());
        proxy.setAsyncSupported(true);
        proxy.setInitParameter("proxyTo", upstream);
        proxy.setInitParameter("prefix", PREFIX);
        proxy.setInitParameter("maxConnections", "20000"); // to each destination
        proxy.setInitParameter("idleTimeout", "0");
        proxy.setInitParameter("timeout", "0");
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(proxy, PREFIX + "/*");
        server.setHandler(context);
        return server;
    }
}
