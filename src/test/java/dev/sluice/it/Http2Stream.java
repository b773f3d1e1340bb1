package dev.sluice.it;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** One request over HTTP/2 and its response. One thread of the test calls it; the client's threads call the listener. */
final class Http2Stream implements Stream.Listener {
    /** Whether all frames are read as they arrive; otherwise one frame is read when the test asks for it. */
    private final boolean eager;

    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final BlockingQueue<Piece> taken = new LinkedBlockingQueue<>();
    private final Deque<SseEvent> read = new ArrayDeque<>();
    private final SseOracle oracle = new SseOracle(read::add);

    /** The end of the stream, once the test has read it. Confined to the test's thread. */
    private Answer.@Nullable End end;

    @SuppressWarnings("NullAway.Init") // set by the only way to make one
    private Stream stream;

    /**
     * Bytes, or the end of them.
     *
     * @param end null if there is more to come
     */
    private record Piece(ByteBuffer bytes, Answer.@Nullable End end) {}

    private Http2Stream(boolean eager) {
        this.eager = eager;
    }

    static Http2Stream post(Session session, URI target, String json, boolean eager) throws IOException {
        byte[] body = Scripts.utf8(json);
        HttpFields fields =
                HttpFields.build().put("Content-Type", "application/json").put("Content-Length", body.length);
        MetaData.Request request =
                new MetaData.Request("POST", HttpURI.from(target), HttpVersion.HTTP_2, fields.asImmutable());
        Http2Stream answer = new Http2Stream(eager);
        answer.stream = Http2Client.await(session.newStream(new HeadersFrame(request, null, false), answer));
        Http2Client.await(answer.stream.data(new DataFrame(answer.stream.getId(), ByteBuffer.wrap(body), true)));
        if (eager) {
            answer.stream.demand();
        }
        return answer;
    }

    int status() throws IOException {
        return Http2Client.await(status);
    }

    /** The next event. If none arrives in time, or the stream ends, the test fails. */
    SseEvent nextEvent() throws IOException {
        requireStream();
        long deadline = System.nanoTime() + RawClient.PATIENCE.toNanos();
        while (read.isEmpty() && end == null && System.nanoTime() < deadline) {
            takeOne(Duration.ofNanos(deadline - System.nanoTime()));
        }
        SseEvent event = read.poll();
        if (event == null) {
            throw new AssertionError(end == null ? "No event in time" : "The stream ended " + end);
        }
        return event;
    }

    /** The rest of the stream. If it is silent for too long, the test fails. */
    Answer rest() throws IOException {
        requireStream();
        while (end == null) {
            if (!takeOne(RawClient.PATIENCE)) {
                throw new AssertionError("Silence, and no end, after " + read);
            }
        }
        List<SseEvent> events = new ArrayList<>(read);
        read.clear();
        return new Answer(events, oracle.isInsideEvent() ? Answer.End.BROKEN : end);
    }

    /** Sends RST_STREAM, as a browser does when its user leaves the page. The connection stays open. */
    void cancel() throws IOException {
        Http2Client.await(stream.reset(new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code)));
    }

    private void requireStream() throws IOException {
        if (status() != 200) {
            throw new AssertionError("No event stream but status " + status());
        }
    }

    /** False if nothing has arrived in time. */
    private boolean takeOne(Duration longest) throws IOException {
        if (!eager && taken.isEmpty()) {
            stream.demand();
        }
        try {
            Piece piece = taken.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
            if (piece == null) {
                return false;
            }
            byte[] bytes = new byte[piece.bytes.remaining()];
            piece.bytes.get(bytes);
            oracle.feed(bytes, 0, bytes.length);
            end = piece.end;
            return true;
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    // ---- The client's threads.

    @Override
    public void onHeaders(Stream from, HeadersFrame frame) {
        status.complete(((MetaData.Response) frame.getMetaData()).getStatus());
        if (frame.isEndStream()) {
            ended(Answer.End.CLEAN);
        }
    }

    @Override
    public void onDataAvailable(Stream from) {
        Stream.Data data;
        while ((data = from.readData()) != null) {
            ByteBuffer buffer = data.frame().getByteBuffer();
            ByteBuffer bytes =
                    ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
            boolean last = data.frame().isEndStream();
            data.release(); // and a window for as much more
            taken.add(new Piece(bytes, last ? Answer.End.CLEAN : null));
            if (last || !eager) {
                return;
            }
        }
        from.demand();
    }

    @Override
    public void onReset(Stream from, ResetFrame frame, Callback callback) {
        ended(Answer.End.BROKEN);
        callback.succeeded();
    }

    @Override
    public void onFailure(Stream from, int error, String reason, Throwable failure, Callback callback) {
        ended(Answer.End.BROKEN);
        callback.succeeded();
    }

    private void ended(Answer.End how) {
        taken.add(new Piece(ByteBuffer.allocate(0), how));
        status.completeExceptionally(new IOException("The stream ended before its status"));
    }
}
