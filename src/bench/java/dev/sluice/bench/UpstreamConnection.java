package dev.sluice.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection to the upstream: a request, its answer, the next request. Confined to the server's thread. */
final class UpstreamConnection {
    private static final int MAX_REQUEST = 256 * 1024;
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length:\\s*(\\d{1,9})");

    private final SocketChannel channel;
    private final Answers answers;
    private final StringBuilder request = new StringBuilder();

    /** The answer that is being written; null while a request is awaited. */
    private @Nullable StreamText answer;

    private int stream;
    private long offset;

    UpstreamConnection(SocketChannel channel, Answers answers) {
        this.channel = channel;
        this.answers = answers;
    }

    /** Goes on with what the channel is ready for; {@code buffer} is free to use meanwhile. */
    void serve(SelectionKey key, ByteBuffer buffer) throws IOException {
        if (answer == null) {
            read(buffer);
        }
        StreamText text = answer;
        if (text != null) {
            write(text, buffer);
            key.interestOps(answer == null ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // Closed is closed.
        }
    }

    private void read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            throw new EOFException("The peer closed");
        }
        buffer.flip();
        request.append(StandardCharsets.ISO_8859_1.decode(buffer));
        int bodyAt = request.indexOf(END_OF_HEAD) + END_OF_HEAD.length();
        if (bodyAt >= END_OF_HEAD.length()) {
            String head = request.substring(0, bodyAt);
            Matcher length = LENGTH.matcher(head);
            int end = bodyAt + (length.find() ? Integer.parseInt(length.group(1)) : 0);
            if (request.length() >= end) {
                String body = request.substring(bodyAt, end);
                request.setLength(0);
                answer(head, body);
            }
        }
        if (request.length() > MAX_REQUEST) {
            throw new IOException("Endless request");
        }
    }

    private void answer(String head, String body) throws IOException {
        if (head.startsWith("GET ") && head.contains("/models ")) {
            say(Answers.models());
            return;
        }
        Order order = head.startsWith("POST ") && head.contains("/chat/completions ") ? Order.in(body) : null;
        if (order == null) {
            say(Answers.refusal(
                    "Neither a list of models nor an order for tokens, with a Content-Length, is asked for"));
            return;
        }
        answer = answers.stream(order, body);
        stream = order.stream();
        offset = 0;
    }

    private void write(StreamText text, ByteBuffer buffer) throws IOException {
        buffer.clear();
        text.put(stream, offset, buffer);
        buffer.flip();
        offset += channel.write(buffer);
        if (offset == text.length()) {
            answer = null;
        }
    }

    /** So little always fits into the socket's buffer. */
    private void say(String whole) throws IOException {
        channel.write(ByteBuffer.wrap(whole.getBytes(StandardCharsets.US_ASCII)));
    }
}
