package dev.sluice.upstream.jetty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parsing of an answer's chunks: without a client, and by a client with a real socket. */
@Timeout(60)
final class TokenReceiverTest {
    private static final int SEEDS = 300;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void chunks_cutAnywhere_areGatheredAsFarAsTheyAreWhole(boolean direct) {
        String rest = "\r\n6\r\nsecond\r\n5\r\nthird\r\n1c\r\nthe fourth, of 28 characters\r\n0\r\n\r\n";
        for (int cut = 0; cut <= rest.length(); cut++) {
            String whole = "first"
                    + (cut >= rest.indexOf("second") + 6 ? "second" : "")
                    + (cut >= rest.indexOf("third") + 5 ? "third" : "")
                    + (cut >= rest.indexOf("\r\n0\r\n") ? "the fourth, of 28 characters" : "");
            String gathered = gather("first" + rest.substring(0, cut), 5, direct);
            assertThat(gathered).as("of the first %d bytes", cut).startsWith(whole + "|");
            String left = gathered.substring(whole.length() + 1) + rest.substring(cut);
            assertThat(rest).as("what is left to be read, after %d bytes", cut).endsWith(left);
            assertThat(left).startsWith("\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n0\r\n\r\n", // the end
                "\r\n0\r\nTrailer: 1\r\n\r\n",
                "\r\n5;extension=1\r\nabcde\r\n",
                "\n5\nabcde\n", // passed to Jetty
                "\r\n5 \r\nabcde\r\n",
                "\r\n\r\nabcde\r\n",
                "\r\n-5\r\nabcde\r\n",
                "\r\n0000005\r\nabcde\r\n",
                "\r\nffffff\r\nabcde\r\n",
                "\r\n6\r\nabcde",
                "\r\n5\r",
                "\r\n",
                "\r",
                "5\r\nabcde\r\n",
                "HTTP/1.1 200 OK\r\n"
            })
    void chunk_thatIsNotPlain_isLeftToTheParser(String rest) {
        assertThat(gather("data" + rest, 4, true)).isEqualTo("data|" + rest);
    }

    @Test
    void chunk_inCapitals_isGathered() {
        assertThat(gather("data\r\nA\r\n0123456789\r\n00b\r\n0123456789a\r\n", 4, true))
                .isEqualTo("data01234567890123456789a|\r\n");
    }

    @Test
    void answer_inChunksOfAnySizeAndWrites_isReceivedByteForByte() throws Exception {
        HttpClient client = ProviderClient.create(false, 1, Duration.ofSeconds(5), threads, threads);
        client.start();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> serve(server, SEEDS), threads);
            for (int seed = 0; seed < SEEDS; seed++) {
                Answer answer = ask(client, server.getLocalPort());
                assertThat(answer.text()).as("seed %d", seed).isEqualTo(new Body(seed).text);
            }
            serving.get(10, TimeUnit.SECONDS);
        } finally {
            client.stop();
        }
    }

    @Test
    void answer_ofManyChunksInOneRead_isHandedOverAsOne() throws Exception {
        HttpClient client = ProviderClient.create(false, 1, Duration.ofSeconds(5), threads, threads);
        client.start();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> serving = CompletableFuture.runAsync(
                    () -> {
                        try (Socket socket = server.accept()) {
                            readHead(socket);
                            write(socket, head() + "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
                        } catch (IOException broken) {
                            throw new AssertionError(broken);
                        }
                    },
                    threads);
            Answer answer = ask(client, server.getLocalPort());
            assertThat(answer.text()).isEqualTo("onetwothree");
            assertThat(answer.pieces()).as("pieces handed over").isEqualTo(1);
            serving.get(10, TimeUnit.SECONDS);
        } finally {
            client.stop();
        }
    }

    /** The data, a bar, and the bytes that are left after it. */
    private static String gather(String read, int position, boolean direct) {
        byte[] bytes = read.getBytes(ISO_8859_1);
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(bytes.length) : ByteBuffer.allocate(bytes.length);
        buffer.put(bytes).flip().position(position);
        int end = TokenReceiver.join(buffer);
        byte[] data = new byte[end];
        buffer.get(0, data);
        byte[] left = new byte[buffer.remaining()];
        buffer.get(left);
        return new String(data, ISO_8859_1) + "|" + new String(left, ISO_8859_1);
    }

    /** The text of an answer, and how it is sent. */
    private static final class Body {
        final Random random;
        final String text;

        Body(int seed) {
            random = new Random(seed);
            text = random.ints(random.nextInt(20_000), 'A', 'Z')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }

        void send(Socket socket) throws IOException {
            StringBuilder wire = new StringBuilder(head());
            int longest = 1 + random.nextInt(random.nextBoolean() ? 30 : 3000);
            for (int at = 0; at < text.length(); ) {
                int length = Math.min(text.length() - at, 1 + random.nextInt(longest));
                String extension = random.nextInt(20) == 0 ? ";name=\"value\"" : "";
                wire.append(Integer.toHexString(length)).append(extension).append("\r\n");
                wire.append(text, at, at + length).append("\r\n");
                at += length;
            }
            wire.append(random.nextBoolean() ? "0\r\n\r\n" : "0\r\nTrailer: 1\r\n\r\n");
            int most = 1 + random.nextInt(random.nextBoolean() ? 100 : 20_000);
            for (int at = 0; at < wire.length(); ) {
                int length = Math.min(wire.length() - at, 1 + random.nextInt(most));
                write(socket, wire.substring(at, at + length));
                at += length;
            }
        }
    }

    private static String head() {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    }

    private static void serve(ServerSocket server, int answers) {
        try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            for (int seed = 0; seed < answers; seed++) {
                readHead(socket);
                new Body(seed).send(socket);
            }
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static void readHead(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("closed after " + head);
            }
            head.append((char) next);
        }
    }

    private record Answer(String text, int pieces) {}

    private static Answer ask(HttpClient client, int port) throws Exception {
        Reader reader = new Reader();
        Request request = client.newRequest(URI.create("http://127.0.0.1:" + port + "/"));
        request.send(reader);
        return reader.answer.get(20, TimeUnit.SECONDS);
    }

    /** Reads what was received and demands more. */
    private static final class Reader implements Response.ContentSourceListener, Response.CompleteListener {
        final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private int pieces;

        @Override
        public void onContentSource(Response response, Content.Source source) {
            read(source);
        }

        private void read(Content.Source source) {
            while (true) {
                Content.Chunk chunk = source.read();
                if (chunk == null) {
                    source.demand(() -> read(source));
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    answer.completeExceptionally(chunk.getFailure());
                    return;
                }
                byte[] bytes = new byte[chunk.remaining()];
                chunk.get(bytes, 0, bytes.length);
                text.writeBytes(bytes);
                pieces += bytes.length > 0 ? 1 : 0;
                chunk.release();
                if (chunk.isLast()) {
                    return;
                }
            }
        }

        @Override
        public void onComplete(Result result) {
            if (result.isFailed()) {
                answer.completeExceptionally(result.getFailure());
            } else {
                answer.complete(new Answer(text.toString(ISO_8859_1), pieces));
            }
        }
    }
}
