package dev.sluice.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection to the upstream, with one request after the other. Confined to the server's thread. */
final class UpstreamConnection {
    private static final int MAX_REQUEST = 256 * 1024;
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length:\\s*(\\d{1,9})");

    /** The most writes of one connection before the next one is served. */
    private static final int TURN_WRITES = 64;

    private final SocketChannel channel;
    private final Answers answers;
    private final Pacer pacer;
    private final Journal journal;
    private final StringBuilder request = new StringBuilder();
    private @Nullable SelectionKey key;

    /** The response at full speed that is being written; null if there is none. */
    private @Nullable StreamText answer;

    /** The paced response that is being written; null if there is none. */
    private @Nullable PacedAnswer paced;

    private int stream;
    private long offset;

    UpstreamConnection(SocketChannel channel, Answers answers, Pacer pacer, Journal journal) {
        this.channel = channel;
        this.answers = answers;
        this.pacer = pacer;
        this.journal = journal;
    }

    void register(SelectionKey ours) {
        key = ours;
    }

    /** Reads or writes, as the channel is ready. This call overwrites {@code buffer}. */
    void serve(ByteBuffer buffer) throws IOException {
        PacedAnswer slow = paced;
        if (slow != null && !slow.isTaken()) {
            slow.flush();
            written();
        } else if (answer == null) {
            read(buffer);
        }
        StreamText text = answer;
        if (text != null) {
            write(text, buffer);
            interest(answer == null ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
        }
    }

    /** Whether this is the current response. */
    boolean isAnswering(PacedAnswer other) {
        return paced == other && channel.isOpen();
    }

    /** Continues after the socket has accepted a part of the paced response. */
    void written() throws IOException {
        PacedAnswer slow = paced;
        if (slow == null) {
            return;
        }
        if (slow.isWhole()) {
            paced = null;
            interest(SelectionKey.OP_READ);
        } else if (slow.isTaken()) {
            interest(SelectionKey.OP_READ);
            pacer.add(this, slow);
        } else {
            interest(SelectionKey.OP_WRITE);
        }
    }

    void close() {
        PacedAnswer slow = paced;
        if (slow != null) {
            journal.leftEarly(slow.stream());
        } else if (answer != null) {
            journal.leftEarly(stream);
        }
        paced = null;
        answer = null;
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // The connection is useless in any case.
        }
    }

    /** The number of the current stream at full speed, and the bytes of it that were written; empty if there is none. */
    @Nullable
    String progress() {
        return answer == null ? null : stream + " " + offset + "\n";
    }

    private void read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            throw new EOFException("The peer closed");
        }
        buffer.flip();
        request.append(StandardCharsets.ISO_8859_1.decode(buffer));
        int bodyAt = request.indexOf(END_OF_HEAD) + END_OF_HEAD.length();
        if (bodyAt >= END_OF_HEAD.length() && paced == null) {
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
        String report = journal.answer(head);
        if (report != null) {
            say(Answers.text(report));
            return;
        }
        boolean asks = head.contains("/chat/completions ") || head.contains("/responses ");
        Order order = head.startsWith("POST ") && asks ? Order.in(body) : null;
        if (order == null) {
            say(Answers.refusal(
                    "Neither a list of models nor an order for tokens, with a Content-Length, is asked for"));
            return;
        }
        if (order.sendBuffer() > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, order.sendBuffer());
        }
        if (order.pace() != null) {
            paced = new PacedAnswer(channel, order, order.pace(), answers.frame(order, body), Answers.stamped(body));
            written();
            return;
        }
        answer = answers.stream(order, body);
        stream = order.stream();
        offset = 0;
    }

    /** Writes each chunk by itself, as servers of models do; or as many as the socket accepts, if in bulk. */
    private void write(StreamText text, ByteBuffer buffer) throws IOException {
        int writes = answers.inBulk() ? 1 : TURN_WRITES;
        boolean taken = true;
        while (taken && writes > 0 && offset < text.length()) {
            buffer.clear();
            if (!answers.inBulk()) {
                buffer.limit((int) Math.min(buffer.capacity(), text.endOfPart(offset) - offset));
            }
            text.put(stream, offset, buffer);
            offset += channel.write(buffer.flip());
            taken = !buffer.hasRemaining();
            writes--;
        }
        if (offset == text.length()) {
            answer = null;
        }
    }

    /** Writes a short response, which always fits the socket's buffer. */
    private void say(String whole) throws IOException {
        channel.write(ByteBuffer.wrap(whole.getBytes(StandardCharsets.US_ASCII)));
    }

    private void interest(int operations) {
        SelectionKey ours = key;
        if (ours != null && ours.isValid()) {
            ours.interestOps(operations);
        }
    }
}
