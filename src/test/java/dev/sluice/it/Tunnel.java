package dev.sluice.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** A TCP proxy to a server on this machine: it terminates TLS, or is an HTTP proxy. Any thread may call all methods. */
final class Tunnel implements AutoCloseable {
    /** Reads the target of a new connection. */
    private interface Opening {
        Socket open(Socket client, List<String> asked) throws IOException;
    }

    private final ServerSocket server;
    private final Opening opening;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private Tunnel(ServerSocket server, Opening opening) {
        this.server = server;
        this.opening = opening;
    }

    /** A tunnel with TLS to clients and without TLS to {@code target}. */
    static Tunnel tls(SSLContext context, int target) throws IOException {
        ServerSocket server =
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Tunnel tunnel = new Tunnel(server, (client, asked) -> new Socket(InetAddress.getLoopbackAddress(), target));
        thread(tunnel::accept);
        return tunnel;
    }

    /** An HTTP proxy with {@code CONNECT}. */
    static Tunnel proxy() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Tunnel tunnel = new Tunnel(server, Tunnel::connect);
        thread(tunnel::accept);
        return tunnel;
    }

    int port() {
        return server.getLocalPort();
    }

    /** The request lines that the proxy has received. */
    List<String> asked() {
        return asked;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                thread(() -> serve(client));
            }
        } catch (IOException stopped) {
            // Closed by the test.
        }
    }

    private void serve(Socket client) {
        try {
            sockets.add(client);
            Socket target = opening.open(client, asked);
            sockets.add(target);
            thread(() -> pump(target, client));
            pump(client, target);
        } catch (IOException gone) {
            sockets.remove(client);
        }
    }

    /** Copies bytes until one side closes; then closes the other. */
    private void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[4096];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                out.write(bytes, 0, count);
                out.flush();
            }
        } catch (IOException over) {
            // The close tells the other side.
        }
        sockets.remove(from);
        sockets.remove(to);
    }

    private static Socket connect(Socket client, List<String> asked) throws IOException {
        String line = HttpHead.read(client.getInputStream()).startLine();
        asked.add(line);
        String[] authority = line.split(" ", -1)[1].split(":", -1);
        Socket target = new Socket(authority[0], Integer.parseInt(authority[1]));
        client.getOutputStream().write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return target;
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "tunnel");
        thread.setDaemon(true);
        thread.start();
    }
}
