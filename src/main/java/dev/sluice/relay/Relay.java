package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Figures.Pause;
import dev.sluice.relay.Figures.WaitsFor;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream, from a provider to a client. Whatever happens (a chunk came, the output became writable, an alarm went
 * off, the client left) does one thing: it {@linkplain #wake wakes} the loop, and the loop looks at the facts and takes
 * the first {@linkplain #step step} that applies, until none does. Waking it once too often is harmless.
 *
 * <p>Whoever wakes it runs it; a second waker only leaves word. So one thread at a time, with no lock, and none waits.
 *
 * <pre>
 *   request arrives ──open──▶ connecting ──sent──▶ waiting ──first token──▶ streaming
 *          │                      │                   │                        │
 *          └──────refuse──────────┴──── over: whole, failed, timed out, draining ┘
 *                                              │
 *                                     last words written
 *                                              │
 *            client gone or stalled ─────────▶ ended
 * </pre>
 */
public final class Relay {
    private static final System.Logger LOG = System.getLogger(Relay.class.getName());

    /** How much one run may read before it goes on elsewhere: a flood must not starve its thread's other streams. */
    private static final int RUN_BYTES = 128 * 1024;

    private static final Failure INCOMPLETE =
            Failure.upstream("incomplete", "The upstream ended the stream before the answer was whole.");

    private static final long NEVER = Long.MIN_VALUE;

    private final Downstream downstream;
    private final Translator translator;
    private final Limits limits;
    private final Clock clock;
    private final Executor executor;
    private final Figures figures;
    private final Consumer<Relay> onEnd;
    private final Baton baton = new Baton();

    // Said from outside, by any thread; neither is ever taken back.
    private volatile @Nullable Upstream upstream;
    private volatile @Nullable Failure refusal;
    private volatile boolean letGo;

    // All below is guarded by the baton.
    private final SseDecoder decoder;
    private final SseEncoder out = new SseEncoder();
    private boolean started; // the upstream
    private boolean begun; // the answer: a failure can no longer have a status
    private boolean tokenSeen;
    private boolean over; // nothing more comes from the upstream
    private @Nullable Failure failure; // why, if the answer is not whole
    private boolean lastWords; // are encoded
    private long readEnough; // bytes from the upstream after which a run goes on elsewhere
    private boolean cutOff; // the run, for that reason
    private boolean unflushed;
    private @Nullable Outcome outcome; // how it ended, once it has

    // Points in time, of the clock; NEVER if it has not come to that, or is over.
    private long now;
    private final long bornAt;
    private long openedAt = NEVER;
    private long sentAt = NEVER;
    private long silentSince = NEVER; // the upstream, though asked
    private long blockedSince = NEVER; // the client
    private long writtenAt;
    private boolean wroteHeartbeat; // and nothing else since
    private @Nullable WaitsFor waitsFor;
    private long waitingSince;
    private long heldWhileWaiting;
    private Clock.@Nullable Alarm alarm;
    private long alarmAt;

    /**
     * A stream whose request is still on its way: {@link #open} or {@link #refuse} follows.
     *
     * @param executor goes on with runs that were cut off for their length
     * @param onEnd called once when the stream has ended, by the thread that ended it
     */
    public Relay(
            Downstream downstream,
            Translator translator,
            Limits limits,
            Clock clock,
            Executor executor,
            Figures figures,
            Consumer<Relay> onEnd) {
        this.downstream = downstream;
        this.translator = translator;
        this.limits = limits;
        this.clock = clock;
        this.executor = executor;
        this.figures = figures;
        this.onEnd = onEnd;
        this.decoder = new SseDecoder(limits.eventBytes());
        this.bornAt = clock.nanoTime();
        this.writtenAt = bornAt;
        figures.streamOpened();
    }

    // ---- Events: any thread.

    /** Something may have changed. Runs the loop, or leaves word with the thread that does. */
    public void wake() {
        if (baton.take()) {
            run();
        }
    }

    /** The request is whole: this is to answer it. Called at most once. */
    public void open(Upstream upstream) {
        this.upstream = upstream;
        wake();
    }

    /** There shall be no answer, or no more of it than what has come. */
    public void refuse(Failure reason) {
        refusal = reason;
        wake();
    }

    /** A client that takes nothing at this moment is waited for no longer. */
    public void letGo() {
        letGo = true;
        wake();
    }

    // ---- The loop: whoever holds the baton.

    private void run() {
        try {
            readEnough = decoder.fedBytes() + RUN_BYTES;
            do {
                now = clock.nanoTime();
                while (step()) {}
                if (cutOff) {
                    cutOff = false;
                    if (goOnElsewhere()) {
                        return; // and keeps the baton for it
                    }
                    readEnough += RUN_BYTES;
                    baton.take(); // leaves word with ourselves
                }
            } while (baton.pass());
        } catch (RuntimeException | Error bug) {
            LOG.log(System.Logger.Level.ERROR, "A stream failed for a fault of ours", bug);
            end(Outcome.BROKEN_OFF); // and keeps the baton: nobody shall run it again
        }
    }

    /** Takes the first step that applies. @return whether another may apply now */
    private boolean step() {
        if (outcome != null) {
            return false;
        }
        if (downstream.isGone()) {
            return end(Outcome.CLIENT_GONE);
        }
        if (!downstream.isReady()) {
            return waitForClient();
        }
        clientIsReady();
        if (out.length() >= limits.bufferBytes()) {
            return write();
        }
        boolean enough = decoder.fedBytes() >= readEnough;
        if (!over && takeEvent()) {
            return true;
        }
        if (!over && !enough && readUpstream()) {
            return true;
        }
        if (over && !lastWords) {
            return sayLastWords();
        }
        if (out.length() > 0) {
            return write();
        }
        if (unflushed) {
            return flush();
        }
        if (lastWords) {
            return end(failure == null ? Outcome.WHOLE : begun ? Outcome.BROKEN_OFF : Outcome.REFUSED);
        }
        if (isDue(upstreamDeadline())) {
            return upstreamEnded(timeout());
        }
        if (isDue(heartbeatAt())) {
            return sayKeepAlive();
        }
        if (enough) { // all that came is out and flushed: a flood must not hold that back either
            cutOff = true;
            return false;
        }
        return waitForUpstream();
    }

    // ---- Steps: each says whether another may apply now.

    private boolean waitForClient() {
        if (blockedSince == NEVER) {
            blockedSince = now;
        }
        long deadline = after(blockedSince, limits.stall());
        if (letGo || isDue(deadline)) {
            return end(Outcome.CLIENT_STALLED);
        }
        return waitFor(WaitsFor.CLIENT, deadline);
    }

    private void clientIsReady() {
        if (blockedSince == NEVER) {
            return;
        }
        long blocked = now - blockedSince;
        figures.paused(over ? Pause.ENDING : wroteHeartbeat ? Pause.HEARTBEAT : Pause.ANSWER, blocked);
        blockedSince = NEVER;
        // The upstream's clocks stood still meanwhile.
        silentSince = silentSince == NEVER ? NEVER : silentSince + blocked;
        sentAt = sentAt == NEVER ? NEVER : sentAt + blocked;
        if (waitsFor == WaitsFor.CLIENT) {
            stopWaiting();
        }
    }

    private boolean takeEvent() {
        return switch (decoder.next()) {
            case EVENT -> translate();
            case NONE -> false;
            case TOO_LONG ->
                over(Failure.upstream(
                        "event_too_long",
                        "The upstream sent an event longer than sluice.event.max-bytes allows (" + limits.eventBytes()
                                + " bytes)."));
        };
    }

    private boolean translate() {
        switch (translator.translate(decoder, out)) {
            case LIFE -> {}
            case TOKEN -> {
                tokenSeen = true;
                figures.token();
            }
            case WHOLE -> over(null);
            case FAILED -> over(translator.failure());
        }
        if (out.length() > 0) {
            begin();
            wroteHeartbeat = false;
        }
        return true;
    }

    private boolean readUpstream() {
        Failure refused = refusal;
        if (refused != null) {
            return over(refused);
        }
        Upstream source = upstream;
        if (source == null) {
            return false; // the request is still on its way
        }
        if (!started) {
            started = true;
            openedAt = now;
            writtenAt = now; // heartbeats count from here
            stopWaiting();
            source.start(this::wake);
        }
        if (sentAt == NEVER && source.sent()) {
            sentAt = now;
        }
        return switch (source.read(decoder)) {
            case NOTHING -> false;
            case BYTES -> {
                silentSince = NEVER;
                stopWaiting();
                yield true;
            }
            case END -> upstreamEnded(translator.isWhole() ? null : INCOMPLETE);
            case FAILED -> upstreamEnded(source.failure());
        };
    }

    /** What stands there unterminated is discarded now, but for the provider's last word: that makes it whole. */
    private boolean upstreamEnded(@Nullable Failure reason) {
        return over(decoder.finish() && translator.isLastWord(decoder) ? null : reason);
    }

    /** Nothing more comes from the upstream. {@code reason} is null if the answer is whole. */
    private boolean over(@Nullable Failure reason) {
        over = true;
        failure = reason;
        stopWaiting();
        Upstream source = upstream;
        if (started && source != null) {
            if (reason == null) {
                source.finish();
            } else {
                source.cancel();
            }
        }
        return true;
    }

    private boolean sayLastWords() {
        lastWords = true;
        Failure reason = failure;
        if (reason == null) {
            begin();
            translator.done(out);
        } else if (begun || reason.status() == 200) {
            begin();
            translator.brokenOff(reason, out);
        } else {
            out.bytes(downstream.refuse(reason));
        }
        wroteHeartbeat = false;
        return true;
    }

    private boolean sayKeepAlive() {
        begin();
        out.comment("keep-alive");
        figures.heartbeat();
        wroteHeartbeat = true;
        return true;
    }

    private void begin() {
        if (!begun) {
            begun = true;
            downstream.begin();
        }
    }

    private boolean write() {
        downstream.write(out.array(), 0, out.length());
        figures.wrote(out.length());
        out.clear();
        unflushed = true;
        writtenAt = now;
        return true;
    }

    private boolean flush() {
        unflushed = false;
        downstream.flush();
        return true;
    }

    private boolean waitForUpstream() {
        Upstream source = upstream;
        if (source == null) {
            return waitFor(WaitsFor.REQUEST, upstreamDeadline());
        }
        if (silentSince == NEVER) {
            silentSince = now;
        }
        source.demand();
        return waitFor(WaitsFor.UPSTREAM, earlier(heartbeatAt(), upstreamDeadline()));
    }

    /** The one place where a stream ends; it does so once. */
    private boolean end(Outcome how) {
        if (outcome != null) {
            return false;
        }
        outcome = how;
        stopWaiting();
        if (alarm != null) {
            alarm.cancel();
        }
        figures.streamEnded(how);
        onEnd.accept(this);
        Upstream source = upstream;
        try {
            if (started && !over && source != null) {
                source.cancel();
            }
        } finally {
            switch (how) {
                case WHOLE, REFUSED, CLIENT_GONE -> downstream.complete();
                case BROKEN_OFF, CLIENT_STALLED -> downstream.abort();
            }
        }
        return false;
    }

    // ---- Clocks.

    private long heartbeatAt() {
        return started ? after(writtenAt, limits.heartbeat()) : NEVER;
    }

    /** When the wait for whatever comes next has lasted long enough. */
    private long upstreamDeadline() {
        if (upstream == null) {
            return after(bornAt, limits.body());
        }
        if (sentAt == NEVER) {
            return after(openedAt, limits.connect());
        }
        if (!tokenSeen) {
            return after(sentAt, limits.firstToken());
        }
        return silentSince == NEVER ? NEVER : after(silentSince, limits.idle());
    }

    private Failure timeout() {
        if (upstream == null) {
            return Failure.timeout(
                    408, "request_timeout", "The request's body was not whole after " + words(limits.body()) + ".");
        }
        if (sentAt == NEVER) {
            return Failure.timeout(504, "connect_timeout", "The upstream took no request in time.");
        }
        return tokenSeen
                ? Failure.timeout(504, "idle_timeout", "The upstream fell silent for " + words(limits.idle()) + ".")
                : Failure.timeout(
                        504,
                        "first_token_timeout",
                        "The upstream gave no first token within " + words(limits.firstToken()) + ".");
    }

    private boolean isDue(long deadline) {
        return deadline != NEVER && now - deadline >= 0;
    }

    private static long after(long start, Duration time) {
        return start + time.toNanos();
    }

    private static long earlier(long one, long other) {
        return one == NEVER || (other != NEVER && other - one < 0) ? other : one;
    }

    private static String words(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    // ---- Waiting.

    private boolean waitFor(WaitsFor whom, long deadline) {
        if (waitsFor != whom) {
            stopWaiting();
            waitsFor = whom;
            waitingSince = now;
            heldWhileWaiting = (long) decoder.heldBytes() + out.length();
            figures.waitBegun(whom, heldWhileWaiting);
        }
        // An alarm that goes off too early costs a look; one set anew for each token would cost more.
        boolean set = alarm != null && alarmAt - now > 0;
        if (deadline != NEVER && !(set && alarmAt - deadline <= 0)) {
            if (alarm != null) {
                alarm.cancel();
            }
            alarmAt = deadline;
            alarm = clock.schedule(this::wake, deadline - now);
        }
        return false;
    }

    private void stopWaiting() {
        if (waitsFor != null) {
            figures.waitOver(waitsFor, heldWhileWaiting, now - waitingSince);
            waitsFor = null;
        }
    }

    private boolean goOnElsewhere() {
        try {
            executor.execute(this::run);
            return true;
        } catch (RejectedExecutionException stopping) {
            return false;
        }
    }
}
