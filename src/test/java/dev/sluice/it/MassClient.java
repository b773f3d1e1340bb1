package dev.sluice.it;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Many clients of {@code /chat} in one thread. Each checks that it gets each expected token once and in order, and then
 * exactly one {@code done}. Confined to one thread.
 */
final class MassClient implements AutoCloseable {
    /** The expected token with this number, counted from 0. */
    private final IntFunction<String> expected;

    private final int tokens;
    private final Selector selector = Selector.open();
    private final List<Stream> streams = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);

    MassClient(int tokens, IntFunction<String> expected) throws IOException {
        this.tokens = tokens;
        this.expected = expected;
    }

    /** Connects this many clients and sends their requests. */
    void open(URI base, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(base.getHost(), base.getPort()));
            byte[] body = ("{\"prompt\":\"number " + i + "\"}").getBytes(StandardCharsets.UTF_8);
            String head = "POST /chat HTTP/1.1\r\nHost: 127.0.0.1:" + base.getPort()
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            channel.write(ByteBuffer.wrap(body));
            channel.configureBlocking(false);
            Stream stream = new Stream(channel);
            streams.add(stream);
            channel.register(selector, SelectionKey.OP_READ, stream);
        }
    }

    /** Reads until every stream has had this many tokens or has ended. */
    void awaitTokens(int count, Duration longest) throws IOException {
        pump(longest, stream -> stream.seen >= count || stream.over);
    }

    /** Reads until all streams have ended, and returns their faults. */
    List<String> finish(Duration longest) throws IOException {
        pump(longest, stream -> stream.over);
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            @Nullable String fault = streams.get(i).fault();
            if (fault != null) {
                faults.add("stream " + i + ": " + fault);
            }
        }
        return faults;
    }

    @Override
    public void close() throws IOException {
        for (Stream stream : streams) {
            stream.channel.close();
        }
        selector.close();
    }

    private interface Goal {
        boolean reached(Stream stream);
    }

    private void pump(Duration longest, Goal goal) throws IOException {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!streams.stream().allMatch(goal::reached)) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                List<String> late = streams.stream()
                        .filter(stream -> !goal.reached(stream))
                        .map(Stream::toString)
                        .toList();
                throw new AssertionError(late.size() + " of " + streams.size() + " streams have not got there within "
                        + longest + ": " + late.subList(0, Math.min(5, late.size())));
            }
            selector.select(left);
            for (SelectionKey key : selector.selectedKeys()) {
                ((Stream) key.attachment()).read();
            }
            selector.selectedKeys().clear();
        }
    }

    private final class Stream {
        private final SocketChannel channel;
        private final SseOracle oracle = new SseOracle(this::event);
        private StringBuilder head = new StringBuilder();
        private @Nullable HttpBody body;
        private int seen;
        private int done;
        private boolean over;
        private @Nullable String wrong;

        Stream(SocketChannel channel) {
            this.channel = channel;
        }

        void read() {
            try {
                buffer.clear();
                int count = channel.read(buffer);
                if (count < 0) {
                    end("the connection closed early");
                } else {
                    feed(buffer.array(), count);
                }
            } catch (IOException reset) {
                end("the connection broke: " + reset);
            }
        }

        @Nullable
        String fault() {
            if (wrong != null) {
                return wrong;
            }
            return seen == tokens && done == 1 ? null : "ended after " + this;
        }

        @Override
        public String toString() {
            return seen + " tokens and " + done + " done" + (wrong == null ? "" : ", " + wrong);
        }

        private void feed(byte[] bytes, int count) throws IOException {
            int at = 0;
            while (body == null && at < count) {
                head.append((char) (bytes[at++] & 0xff));
                if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                    HttpHead known = HttpHead.read(
                            new ByteArrayInputStream(head.toString().getBytes(StandardCharsets.ISO_8859_1)));
                    if (known.status() != 200) {
                        end("answered " + known.startLine());
                        return;
                    }
                    body = new HttpBody(known, oracle::feed);
                }
            }
            if (body != null) {
                body.feed(bytes, at, count - at);
                if (body.isEnded()) {
                    end(null);
                }
            }
        }

        private void event(SseEvent event) {
            if (event.isToken() && done == 0 && event.data().equals(expected.apply(seen))) {
                seen++;
            } else if (event.event().equals("done")) {
                done++;
            } else if (wrong == null) {
                wrong = "token " + seen + " was " + event;
            }
        }

        private void end(@Nullable String why) {
            over = true;
            if (wrong == null) {
                wrong = why;
            }
            try {
                channel.close();
            } catch (IOException alreadyGone) {
                // The connection is useless in any case.
            }
        }
    }
}
