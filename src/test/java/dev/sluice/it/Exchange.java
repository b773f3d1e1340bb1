package dev.sluice.it;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * One request that the scripted upstream has received, and the response to it, which the script writes byte by byte. One
 * thread at a time may write; a write blocks while the peer does not read. Any thread may call all other methods.
 */
public final class Exchange {
    private final Socket socket;
    private final int number;
    private final OutputStream out;
    private final HttpHead head;
    private final byte[] body;
    private final CompletableFuture<Void> closed;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicLong sent = new AtomicLong();

    Exchange(Socket socket, int number, HttpHead head, byte[] body, CompletableFuture<Void> closed) throws IOException {
        this.socket = socket;
        this.number = number;
        this.out = socket.getOutputStream();
        this.head = head;
        this.body = body;
        this.closed = closed;
    }

    /** Whether it is the first request on its connection. */
    public boolean isFirst() {
        return number == 1;
    }

    /** The prompt as it reached the provider: the content of the last message. */
    public String prompt() {
        JsonNode messages = json().get("messages");
        return messages.get(messages.size() - 1).get("content").asString();
    }

    public HttpHead head() {
        return head;
    }

    /** The request's body as it came. */
    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
        return Json.read(body);
    }

    /** The bytes of this response that the kernel has accepted. */
    public long sent() {
        return sent.get();
    }

    /** Completes when the peer has closed or reset the connection. */
    public CompletableFuture<Void> closed() {
        return closed;
    }

    /** Waits until the peer has closed or reset the connection. */
    public void awaitClosed(Duration longest) {
        if (!isClosedWithin(longest)) {
            throw new AssertionError("The upstream's connection is still open after " + longest);
        }
    }

    /** Whether it closes, or has closed, within this time. */
    public boolean isClosedWithin(Duration time) {
        try {
            closed.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException open) {
            return false;
        } catch (InterruptedException | ExecutionException failure) {
            throw new AssertionError("Could not wait", failure);
        }
    }

    /** Writes these bytes only, without a status line or headers. */
    public Exchange raw(byte[] bytes) throws IOException {
        out.write(bytes);
        sent.addAndGet(bytes.length);
        return this;
    }

    public Exchange raw(String text) throws IOException {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a whole response with a Content-Length, after which the connection stays open. */
    public void answer(int status, String contentType, String content, String... headers) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
        text.append("Content-Type: ").append(contentType).append("\r\n");
        text.append("Content-Length: ").append(bytes.length).append("\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        raw(text + "\r\n").raw(bytes);
        ended.complete(null);
    }

    /** Writes status 200 and the headers of a chunked event stream. */
    public Exchange stream() throws IOException {
        return raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    /** Writes one chunk of the body, in one write. */
    public Exchange chunk(byte[] bytes) throws IOException {
        byte[] size = (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[size.length + bytes.length + 2];
        System.arraycopy(size, 0, all, 0, size.length);
        System.arraycopy(bytes, 0, all, size.length, bytes.length);
        all[all.length - 2] = '\r';
        all[all.length - 1] = '\n';
        return raw(all);
    }

    public Exchange chunk(String text) throws IOException {
        return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes one event with this data, in a chunk of its own. */
    public Exchange event(String data) throws IOException {
        return chunk("data: " + data + "\n\n");
    }

    public Exchange token(String text) throws IOException {
        return chunk(Completion.token(text));
    }

    /** Writes the normal end: the finish reason, {@code [DONE]} and the last chunk. The connection stays open. */
    public void finish() throws IOException {
        chunk(Completion.finish("stop") + Completion.DONE);
        end();
    }

    /** Writes the last chunk. The connection stays open. */
    public void end() throws IOException {
        raw("0\r\n\r\n");
        ended.complete(null);
    }

    /** Closes the connection with a FIN. */
    public void close() {
        quietly(socket::close);
        ended.complete(null);
    }

    /** Closes the connection with an RST. */
    public void abort() {
        quietly(() -> socket.setSoLinger(true, 0));
        close();
    }

    /** Completes when the response is complete, or when this side has closed the connection. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void quietly(Step step) {
        try {
            step.run();
        } catch (IOException alreadyGone) {
            // The peer has closed it already.
        }
    }
}
