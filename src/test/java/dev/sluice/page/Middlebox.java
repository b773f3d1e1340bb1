package dev.sluice.page;

import dev.sluice.it.HttpHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * An HTTP/1.1 proxy on this machine that disturbs the doctor's streams in one way and passes all else on. It handles
 * one request per connection. Any thread may use it.
 */
final class Middlebox implements AutoCloseable {
    /** How it handles a stream of the doctor. */
    @FunctionalInterface
    private interface Habit {
        /** @param server has received the request; its answer was not read yet */
        void answer(Socket server, OutputStream client) throws IOException;
    }

    private static final String STREAM = "/doctor/stream";

    private final ServerSocket listener;
    private final URI target;
    private final Habit habit;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private Middlebox(URI target, Habit habit) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        this.habit = habit;
        thread(this::accept);
    }

    /** Reads an answer to its end before it passes it on, as virus scanners do, and identifies itself in a header. */
    static Middlebox scanner(URI target) throws IOException {
        return new Middlebox(target, (server, client) -> {
            InputStream in = server.getInputStream();
            byte[] head = named(HttpHead.read(in), "1.1 office (squid/6.1)");
            byte[] body = in.readAllBytes();
            client.write(head);
            client.write(body);
            client.flush();
        });
    }

    /** Passes on what it has received only at intervals, without a header of its own. */
    static Middlebox collecting(URI target, Duration period) throws IOException {
        return new Middlebox(target, (server, client) -> {
            InputStream in = server.getInputStream();
            byte[] bytes = new byte[8192];
            ByteArrayOutputStream held = new ByteArrayOutputStream();
            long due = System.nanoTime() + period.toNanos();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                held.write(bytes, 0, count);
                if (System.nanoTime() >= due) {
                    held.writeTo(client);
                    client.flush();
                    held.reset();
                    due += period.toNanos();
                }
            }
            held.writeTo(client);
            client.flush();
        });
    }

    /** Aborts the connection when the server has sent nothing for this long. */
    static Middlebox impatient(URI target, Duration patience) throws IOException {
        return new Middlebox(target, (server, client) -> {
            server.setSoTimeout((int) patience.toMillis());
            pass(server.getInputStream(), client);
        });
    }

    /** Aborts the connection when an answer has reached this limit, whatever is sent. */
    static Middlebox limiting(URI target, int bytes) throws IOException {
        return new Middlebox(target, (server, client) -> {
            client.write(server.getInputStream().readNBytes(bytes));
            client.flush();
        });
    }

    /** Requires a login. */
    static Middlebox asking(URI target) throws IOException {
        String page = "<!doctype html><title>Sign in</title><form><input name=user></form>";
        return new Middlebox(
                target,
                (server, client) -> say(client, "200 OK", Map.of("Content-Type", "text/html; charset=utf-8"), page));
    }

    /** Redirects to a login elsewhere. */
    static Middlebox redirecting(URI target, URI elsewhere) throws IOException {
        return new Middlebox(
                target, (server, client) -> say(client, "302 Found", Map.of("Location", elsewhere.toString()), ""));
    }

    /** Answers with a status of its own. */
    static Middlebox failing(URI target) throws IOException {
        return new Middlebox(
                target, (server, client) -> say(client, "502 Bad Gateway", Map.of("Server", "cloudflare"), ""));
    }

    /** Closes the connection without an answer. */
    static Middlebox refusing(URI target) throws IOException {
        return new Middlebox(target, (server, client) -> {});
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                thread(() -> serve(client));
            }
        } catch (IOException closed) {
            // The test has closed it.
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(target.getHost(), target.getPort())) {
            sockets.add(client);
            sockets.add(server);
            HttpHead asked = HttpHead.read(client.getInputStream());
            server.getOutputStream().write(oneRequest(asked));
            if (asked.startLine().contains(STREAM)) {
                habit.answer(server, client.getOutputStream());
            } else {
                pass(server.getInputStream(), client.getOutputStream());
            }
            sockets.remove(server);
        } catch (IOException gone) {
            // One side has closed its connection, or has sent nothing for too long. Both connections are closed.
        }
        sockets.remove(client);
    }

    private static void pass(InputStream in, OutputStream out) throws IOException {
        byte[] bytes = new byte[8192];
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            out.write(bytes, 0, count);
            out.flush();
        }
    }

    /** Reads one request. The page sends no request with a body through it. */
    private static byte[] oneRequest(HttpHead asked) {
        return message(asked.startLine(), asked, "Connection: close");
    }

    private static byte[] named(HttpHead answer, String via) {
        return message(answer.startLine(), answer, "Connection: close\r\nVia: " + via);
    }

    private static byte[] message(String startLine, HttpHead head, String more) {
        String headers = head.headers().entrySet().stream()
                .filter(header -> !header.getKey().equals("connection"))
                .flatMap(header -> header.getValue().stream().map(value -> header.getKey() + ": " + value + "\r\n"))
                .collect(Collectors.joining());
        return (startLine + "\r\n" + headers + more + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void say(OutputStream client, String status, Map<String, String> headers, String body)
            throws IOException {
        String told = headers.entrySet().stream()
                .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                .collect(Collectors.joining());
        client.write(String.format(
                        Locale.ROOT,
                        "HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                        status,
                        told,
                        body.length(),
                        body)
                .getBytes(StandardCharsets.ISO_8859_1));
        client.flush();
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "middlebox");
        thread.setDaemon(true);
        thread.start();
    }
}
