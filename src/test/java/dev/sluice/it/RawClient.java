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
 * An HTTP/1.1 client on a bare socket, for one request; {@link #again} is one for the next. It takes from the socket only what the test asks for, at most
 * one kilobyte beyond, so a test that asks for nothing is a client that has stalled. Confined to one thread at a time.
 */
final class RawClient implements AutoCloseable {
    /** Longer than any test waits for anything that works. */
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

    private RawClient(URI base, int receiveBuffer) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        if (receiveBuffer > 0) {
            // Before connecting, or the window has been offered already.
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

    /** Connects; the platform chooses the size of the receive buffer. */
    static RawClient connect(URI base) throws IOException {
        return new RawClient(base, 0);
    }

    /** Connects with about this many bytes of receive buffer. */
    static RawClient connect(URI base, int receiveBuffer) throws IOException {
        return new RawClient(base, receiveBuffer);
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

    /** For the next request on the same connection, once the answer to this one is whole. */
    RawClient again() {
        if (!framing().isEnded()) {
            throw new IllegalStateException("The answer is not over");
        }
        return new RawClient(socket, in);
    }

    /** Sends bytes as they are, for requests that no client would send. */
    void send(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
    }

    /** Sends a part of a body. */
    void send(byte[] body, int offset, int length) throws IOException {
        socket.getOutputStream().write(body, offset, length);
    }

    /** The head of the response, which it waits for. */
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

    /** The next event; none within {@link #PATIENCE}, or an end of the stream instead, is a failure. */
    SseEvent nextEvent() throws IOException {
        return eventWithin(PATIENCE)
                .orElseThrow(() -> new AssertionError(
                        over ? "The stream ended where an event was due" : "No event within " + PATIENCE));
    }

    /** The next event, or none if the stream ends first or says nothing for so long. */
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

    /** Waits until so many comments, in all, have come. */
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

    /** Takes about so many bytes off the socket, events or not. */
    void take(int count) throws IOException {
        requireStream();
        long until = bytes + count;
        while (bytes < until && !over) {
            if (!bite(PATIENCE.toMillis())) {
                throw new AssertionError("Took only " + (count - until + bytes) + " of " + count + " bytes");
            }
        }
    }

    /** Everything from here to the end of the response. A silence longer than {@link #PATIENCE} is a failure. */
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

    /** The whole body of an answer that is no stream. */
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
     * The body of a stream, byte for byte, from its beginning to its end, but for our heartbeats, of which a busy machine
     * makes some; call {@link #keepBytes} before its head.
     */
    String bytes() throws IOException {
        rest();
        return plain.toString(StandardCharsets.ISO_8859_1).replace(": keep-alive\n", "");
    }

    /** Bytes of a plain answer's body, as soon as so many have come. */
    String beginning(int count) throws IOException {
        head();
        while (plain.size() < count) {
            if (over || !bite(PATIENCE.toMillis())) {
                throw new AssertionError("Only " + plain.size() + " of " + count + " bytes came");
            }
        }
        return plain.toString(StandardCharsets.UTF_8);
    }

    /** How a plain answer ended, once {@link #body} has read it. */
    Answer.End end() {
        return framing().mayEndHere() ? Answer.End.CLEAN : Answer.End.BROKEN;
    }

    RawClient keepBytes() {
        keepsBytes = true;
        return this;
    }

    /** Leaves as a process that ends does: with FIN. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Leaves as a process that is killed with unread data does: with RST. */
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

    /** Reads once; false if nothing came in time. */
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
