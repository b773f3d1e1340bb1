package dev.sluice.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 client on a socket, for one request; {@link #again} returns one for the next request on the same connection.
 * It reads only what the test asks for, and at most one kilobyte more, so that a test can be a client that does not read.
 * Confined to one thread at a time.
 */
final class RawClient implements AutoCloseable {
    /** Longer than any correct behaviour takes. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int BITE = 1024;

    private final Socket socket;
    private final InputStream in;
    private final byte[] bite = new byte[BITE];
    private final Deque<SseEvent> read = new ArrayDeque<>();
    private final SseOracle oracle = new SseOracle(read::add);
    private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
    private @Nullable HttpHead head;
    private @Nullable HttpBody body;
    private boolean over;
    private boolean keepsBytes;
    private long bytes;

    private RawClient(URI base, int receiveBuffer, @Nullable String from) throws IOException {
        socket = new Socket();
        if (from != null) {
            socket.bind(new InetSocketAddress(from, 0));
        }
        socket.setTcpNoDelay(true);
        if (receiveBuffer > 0) {
            // Set before the connect, which announces the window.
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = new BufferedInputStream(socket.getInputStream(), BITE);
    }

    private RawClient(Socket socket, InputStream in) {
        this.socket = socket;
        this.in = in;
    }

    /** Connects, with the platform's default receive buffer. */
    static RawClient connect(URI base) throws IOException {
        return new RawClient(base, 0, null);
    }

    /** Connects from this address of this machine. */
    static RawClient connectFrom(String address, URI base) throws IOException {
        return new RawClient(base, 0, address);
    }

    /** Connects with about this many bytes of receive buffer. */
    static RawClient connect(URI base, int receiveBuffer) throws IOException {
        return new RawClient(base, receiveBuffer, null);
    }

    /** Asks {@code /chat} at {@code base}. */
    static RawClient chat(URI base, String prompt) throws IOException {
        return connect(base).post("/chat", "{\"prompt\":" + Json.quote(prompt) + "}");
    }

    /** Asks {@code /v1/chat/completions} at {@code base}. */
    static RawClient completions(URI base, String json, String... headers) throws IOException {
        return connect(base).post("/v1/chat/completions", json, headers);
    }

    RawClient post(String path, String json, String... headers) throws IOException {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: application/json");
        all.add("Content-Length: " + content.length);
        send(request("POST", path, all.toArray(String[]::new)));
        send(content);
        return this;
    }

    RawClient get(String path) throws IOException {
        send(request("GET", path));
        return this;
    }

    /** Sends a request's first line and headers; a body, if there is one, is sent by the caller. */
    RawClient begin(String method, String path, String... headers) throws IOException {
        send(request(method, path, headers));
        return this;
    }

    /** A client for the next request on the same connection, after the response to this one has ended. */
    RawClient again() {
        if (!framing().isEnded()) {
            throw new IllegalStateException("The answer is not over");
        }
        return new RawClient(socket, in);
    }

    /** Sends these bytes, for requests that no HTTP client would send. */
    void send(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
    }

    /** Sends a part of a body. */
    void send(byte[] body, int offset, int length) throws IOException {
        socket.getOutputStream().write(body, offset, length);
    }

    /** Waits for the head of the response. */
    HttpHead head() throws IOException {
        HttpHead known = head;
        if (known == null) {
            known = HttpHead.read(in);
            head = known;
            boolean stream = known.first("Content-Type").orElse("").startsWith("text/event-stream");
            body = new HttpBody(known, stream ? this::takeEvents : plain::write);
        }
        return known;
    }

    int status() throws IOException {
        return head().status();
    }

    /** The next event. If none arrives within {@link #PATIENCE}, or the stream ends, the test fails. */
    SseEvent nextEvent() throws IOException {
        return eventWithin(PATIENCE)
                .orElseThrow(() -> new AssertionError(
                        over ? "The stream ended where an event was due" : "No event within " + PATIENCE));
    }

    /** The next event; empty if the stream ends or is silent for this long. */
    Optional<SseEvent> eventWithin(Duration longest) throws IOException {
        requireStream();
        long deadline = System.nanoTime() + longest.toNanos();
        while (read.isEmpty() && !over) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0 || !bite(left)) {
                break;
            }
        }
        return Optional.ofNullable(read.poll());
    }

    /** Waits until this many comments have arrived in total. */
    void awaitComments(int count) throws IOException {
        requireStream();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (oracle.comments() < count) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (over || left <= 0 || !bite(left)) {
                throw new AssertionError("Saw " + oracle.comments() + " comments instead of " + count);
            }
        }
    }

    /** Reads about this many bytes from the socket. */
    void take(int count) throws IOException {
        requireStream();
        long until = bytes + count;
        while (bytes < until && !over) {
            if (!bite(PATIENCE.toMillis())) {
                throw new AssertionError("Took only " + (count - until + bytes) + " of " + count + " bytes");
            }
        }
    }

    /** Reads to the end of the response. If it is silent for longer than {@link #PATIENCE}, the test fails. */
    Answer rest() throws IOException {
        requireStream();
        while (!over) {
            if (!bite(PATIENCE.toMillis())) {
                throw new AssertionError("Silence, and no end, after " + bytes + " bytes and " + read);
            }
        }
        List<SseEvent> events = new ArrayList<>(read);
        read.clear();
        boolean whole = framing().mayEndHere() && !oracle.isInsideEvent();
        return new Answer(events, whole ? Answer.End.CLEAN : Answer.End.BROKEN);
    }

    /** The whole body of a response that is no stream. */
    String body() throws IOException {
        head();
        while (!over) {
            if (!bite(PATIENCE.toMillis())) {
                throw new AssertionError("The body does not end: " + plain.toString(StandardCharsets.UTF_8));
            }
        }
        return plain.toString(StandardCharsets.UTF_8);
    }

    int comments() {
        return oracle.comments();
    }

    int ids() {
        return oracle.ids();
    }

    /**
     * The bytes of a stream's whole body without heartbeats, of which there are some on a busy machine. {@link #keepBytes}
     * must have been called before the head was read.
     */
    String bytes() throws IOException {
        rest();
        return plain.toString(StandardCharsets.ISO_8859_1).replace(": keep-alive\n", "");
    }

    /** The first bytes of the body of a response that is no stream, as soon as this many have arrived. */
    String beginning(int count) throws IOException {
        head();
        while (plain.size() < count) {
            if (over || !bite(PATIENCE.toMillis())) {
                throw new AssertionError("Only " + plain.size() + " of " + count + " bytes came");
            }
        }
        return plain.toString(StandardCharsets.UTF_8);
    }

    /** The end of a response that is no stream, after {@link #body} has read it. */
    Answer.End end() {
        return framing().mayEndHere() ? Answer.End.CLEAN : Answer.End.BROKEN;
    }

    RawClient keepBytes() {
        keepsBytes = true;
        return this;
    }

    /** Closes the connection with a FIN, as a process that ends does. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Closes the connection with an RST, as a process that is killed with unread data does. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void requireStream() throws IOException {
        HttpHead known = head();
        String type = known.first("Content-Type").orElse("");
        if (!type.startsWith("text/event-stream")) {
            throw new AssertionError("No event stream but " + known.startLine() + ": " + body());
        }
    }

    /** Reads once; false if nothing has arrived in time. */
    private boolean bite(long millis) throws IOException {
        socket.setSoTimeout((int) Math.max(1, millis));
        int count;
        try {
            count = framing().isEnded() ? -1 : in.read(bite);
        } catch (SocketTimeoutException silence) {
            return false;
        } catch (IOException reset) {
            count = -1;
        }
        if (count < 0) {
            over = true;
        } else {
            bytes += count;
            framing().feed(bite, 0, count);
            over = framing().isEnded();
        }
        return true;
    }

    private void takeEvents(byte[] bytes, int offset, int length) {
        oracle.feed(bytes, offset, length);
        if (keepsBytes) {
            plain.write(bytes, offset, length);
        }
    }

    private HttpBody framing() {
        HttpBody known = body;
        if (known == null) {
            throw new IllegalStateException("Ask for the head first");
        }
        return known;
    }

    private byte[] request(String method, String path, String... headers) {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        text.append("Host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
