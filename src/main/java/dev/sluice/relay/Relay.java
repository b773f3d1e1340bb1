package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamMetrics.Pause;
import dev.sluice.relay.StreamMetrics.WaitsFor;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 *                              last words written and flushed; if it
 *                              failed, the client has time to read them
 *                                              │
 *            client gone or stalled ─────────▶ ended
 * </pre>
 */
public final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** How much one run may read before it goes on elsewhere: a flood must not starve its thread's other streams. */
    private static final int RUN_BYTES = 256 * 1024;

    private final Downstream downstream;
    private final Limits limits;
    private final Clock clock;
    private final Executor executor;
    private final StreamMetrics metrics;
    private final BiConsumer<Relay, StreamSummary> onEnd;
    private final Baton baton = new Baton();

    // Said from outside, by any thread; nothing is ever taken back.
    private volatile @Nullable Opening opening;
    private volatile @Nullable Failure refusal;
    private volatile @Nullable Failure refusalToCome;
    private volatile boolean letGo;
    private volatile boolean requestComes; // though it is refused: the one thing here that is taken back

    // All below is guarded by the baton.
    private final StreamClocks clocks;
    private final Waiting waiting;
    private final SseEncoder out = new SseEncoder();
    private @Nullable Upstream source; // once it is started
    private @Nullable Translator translator; // of what it says
    private boolean begun; // the answer: a failure can no longer have a status
    private boolean writing; // something was given to the container, or is being given
    private boolean faulty; // a fault of ours became the answer
    private boolean over; // nothing more comes from the upstream
    private boolean dry; // the upstream had nothing at hand, and will say when it has: no need to look at each step
    private @Nullable Failure failure; // why, if the answer is not whole
    private @Nullable Failure lacks; // what, if it passed to its last word and is not whole all the same
    private boolean lastWords; // are encoded
    private boolean unflushed;
    private boolean wroteHeartbeat; // and nothing else since
    private long readEnough; // bytes from the upstream after which a run goes on elsewhere
    private boolean cutOff; // the run, for that reason
    private long tokens;
    private long counted; // of them, in the metrics
    private long written; // bytes
    private @Nullable Outcome outcome; // how it ended, once it has

    /**
     * A stream whose request is still on its way: {@link #open} or {@link #refuse} follows.
     *
     * @param executor goes on with runs that were cut off for their length
     * @param onEnd called once when the stream has ended, by the thread that ended it
     */
    public Relay(
            Downstream downstream,
            Limits limits,
            Clock clock,
            Executor executor,
            StreamMetrics metrics,
            BiConsumer<Relay, StreamSummary> onEnd) {
        this.downstream = downstream;
        this.limits = limits;
        this.clock = clock;
        this.clocks = new StreamClocks(limits, clock.nanoTime());
        this.waiting = new Waiting(metrics, clock, this::wake);
        this.executor = executor;
        this.metrics = metrics;
        this.onEnd = onEnd;
        metrics.streamOpened();
    }

    // ---- Events: any thread.

    /** Something may have changed. Runs the loop, or leaves word with the thread that does. */
    public void wake() {
        if (baton.take()) {
            run();
        }
    }

    /** The request is whole: {@code upstream} is to answer it, in the words of {@code translator}. At most once. */
    public void open(Upstream upstream, Translator translator) {
        opening = new Opening(upstream, translator);
        wake();
    }

    /** There shall be no answer, or no more of it than what has come. */
    public void refuse(Failure reason) {
        refusal = reason;
        wake();
    }

    /**
     * As {@link #refuse}, of a request that still comes. The stream ends when {@link #requestOver} is called, or when the
     * request should have been whole: a connection that closes while its client still sends may lose the answer.
     */
    public void refuseEarly(Failure reason) {
        requestComes = true;
        refuse(reason);
    }

    /** No more of the request comes. */
    public void requestOver() {
        requestComes = false;
        wake();
    }

    /** The request, once it is whole, will be refused for this reason: so is one that never becomes whole. */
    public void refuseAtLatest(Failure reason) {
        refusalToCome = reason;
    }

    /** A client that takes nothing at this moment is waited for no longer. */
    public void letGo() {
        letGo = true;
        wake();
    }

    // ---- The loop: whoever holds the baton.

    private void run() {
        try {
            takeSteps();
        } catch (RuntimeException | Error fault) {
            try {
                endFor(fault);
            } finally {
                LOG.error("A stream failed for a fault of ours", fault); // last: without memory, this fails too
            }
        }
    }

    private void takeSteps() {
        readEnough = fedBytes() + RUN_BYTES;
        do {
            clocks.tick(clock.nanoTime());
            dry = false;
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
    }

    /** Refuses the request if its answer has not begun to leave; breaks the connection off otherwise. */
    private void endFor(Throwable fault) {
        try {
            if (refuseFor(fault)) {
                takeSteps();
                return;
            }
        } catch (RuntimeException | Error another) {
            // The refusal failed too, so the connection is broken off. The first fault is logged.
        }
        end(Outcome.BROKEN_OFF); // and keeps the baton: nobody shall run it again
    }

    /** @return whether there will be a refusal: once, and only while nothing was written and the output takes it */
    private boolean refuseFor(Throwable fault) {
        if (faulty || writing || outcome != null || downstream.isGone() || !downstream.isReady()) {
            return false;
        }
        faulty = true;
        translator = null; // its state may be inconsistent, and its memory may be what is needed
        out.release();
        begun = false;
        lastWords = false;
        Failure reason = fault instanceof OutOfMemoryError ? Failure.noMemory() : Failure.internal();
        if (over) {
            failure = reason; // the upstream was let go already
        } else {
            over(reason);
        }
        return true;
    }

    /** Takes the first step that applies. @return whether another may apply now */
    private boolean step() {
        if (outcome != null) {
            return false;
        }
        if (downstream.isGone()) {
            return end(afterClientLeft());
        }
        if (!downstream.isReady()) {
            return waitForClient();
        }
        clientIsReady();
        if (out.length() >= limits.bufferBytes()) {
            return write();
        }
        boolean enough = fedBytes() >= readEnough;
        if (!over && translate()) {
            return true;
        }
        if (!over && !enough && !dry && readUpstream()) {
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
            return failure == null ? end(passed()) : begun ? breakOff() : endRefused();
        }
        if (clocks.isDue(clocks.deadline())) {
            return upstreamEnded(late());
        }
        if (clocks.isDue(heartbeat())) {
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
        clocks.clientBlocks();
        if (letGo || clocks.isDue(clocks.stall())) {
            return end(Outcome.CLIENT_STALLED);
        }
        return waitFor(WaitsFor.CLIENT, clocks.stall());
    }

    private void clientIsReady() {
        long blocked = clocks.clientTakes();
        if (blocked > 0) {
            metrics.paused(over ? Pause.ENDING : wroteHeartbeat ? Pause.HEARTBEAT : Pause.ANSWER, blocked);
        }
        if (waiting.isFor(WaitsFor.CLIENT)) {
            waiting.over(clocks.now());
        }
    }

    /** Every event at hand, while there is room for it: between two of them no fact changes that cannot wait. */
    private boolean translate() {
        Translator words = translator;
        if (words == null) {
            return false;
        }
        int before = out.length();
        Meaning meaning = words.translate(out);
        boolean any = meaning != Meaning.NOTHING;
        boolean spoke = isMore(meaning);
        while (heard(meaning, words) && out.length() < limits.bufferBytes()) {
            meaning = words.translate(out);
            spoke |= isMore(meaning);
        }
        if (spoke) {
            clocks.finished(words.isFinished());
        }
        if (out.length() > before) {
            begin();
            wroteHeartbeat = false;
        }
        return any;
    }

    /** Whether the answer goes on, or may be taken to. */
    private static boolean isMore(Meaning meaning) {
        return meaning == Meaning.TOKEN || meaning == Meaning.LIFE;
    }

    /** What an event means. @return whether another may follow */
    private boolean heard(Meaning meaning, Translator words) {
        return switch (meaning) {
            case NOTHING -> false;
            case COMMENT, LIFE -> true;
            case TOKEN -> {
                clocks.token();
                tokens++;
                yield true;
            }
            case WHOLE -> {
                over(null);
                yield false;
            }
            case FAILED -> {
                over(words.failure());
                yield false;
            }
        };
    }

    private boolean readUpstream() {
        Failure refused = refusal;
        if (refused != null) {
            return isFinished() ? upstreamEnded(null) : over(refused);
        }
        if (source == null && !start()) {
            return false; // the request is still on its way
        }
        Upstream from = requireNonNull(source);
        if (from.sent()) {
            clocks.sent();
        }
        return switch (from.read(words())) {
            case NOTHING -> {
                dry = true;
                yield false;
            }
            case BYTES -> {
                clocks.upstreamSpoke();
                waiting.over(clocks.now());
                yield true;
            }
            case END -> upstreamEnded(null);
            case FAILED -> upstreamEnded(from.failure());
        };
    }

    /** Whether nothing of the answer is missing, though its upstream has not ended. */
    private boolean isFinished() {
        return translator != null && translator.isFinished() && !translator.isWithinEvent();
    }

    private boolean start() {
        Opening said = opening;
        if (said == null) {
            return false;
        }
        source = said.upstream;
        translator = said.translator;
        clocks.opened(source.timeouts(), translator.takesComments());
        waiting.over(clocks.now());
        source.start(this::wake);
        return true;
    }

    private boolean upstreamEnded(@Nullable Failure reason) {
        if (translator == null) {
            return over(reason);
        }
        int before = out.length();
        Failure why = translator.ends(reason, out);
        if (out.length() > before) {
            begin();
        }
        return over(why);
    }

    /** Nothing more comes from the upstream. {@code reason} is null if the answer is whole. */
    private boolean over(@Nullable Failure reason) {
        failure = reason;
        waiting.over(clocks.now());
        if (source != null) {
            if (reason == null) {
                source.finish();
            } else {
                source.cancel();
            }
        }
        over = true; // last: if the upstream could not be let go, the stream's end tries again
        return true;
    }

    private boolean sayLastWords() {
        lastWords = true;
        Failure reason = failure;
        if (reason == null) {
            begin();
            words().done(out);
        } else if (begun || reason.status() == 200) {
            begin();
            words().brokenOff(reason, out);
        } else {
            out.bytes(downstream.refuse(reason, source == null ? Head.NONE : source.head()));
        }
        wroteHeartbeat = false;
        return true;
    }

    /** Why what must come next has not come; null if the answer is whole without it. */
    private @Nullable Failure late() {
        Failure known = refusalToCome;
        return source == null && known != null ? known : clocks.timeout();
    }

    private boolean sayKeepAlive() {
        begin();
        out.comment("keep-alive");
        metrics.heartbeat();
        wroteHeartbeat = true;
        return true;
    }

    private void begin() {
        if (!begun) {
            begun = true;
            Head said = requireNonNull(source).head();
            // Events are not counted beforehand: comments come between them, and some do not pass.
            downstream.begin(words().contentType(), words().takesComments() ? new Head(-1, said.fields()) : said);
        }
    }

    private boolean write() {
        writing = true;
        downstream.write(out.array(), 0, out.length());
        metrics.wrote(out.length());
        countTokens();
        written += out.length();
        out.clear();
        unflushed = true;
        clocks.wrote();
        return true;
    }

    private boolean flush() {
        unflushed = false;
        downstream.flush();
        return true;
    }

    private boolean endRefused() {
        if (!requestComes || letGo || clocks.isDue(clocks.deadline())) {
            return end(Outcome.REFUSED);
        }
        clocks.told();
        out.release();
        return waitFor(WaitsFor.REQUEST, clocks.deadline());
    }

    /** A client that was told all there is may leave. */
    private Outcome afterClientLeft() {
        return !clocks.isTold() ? Outcome.CLIENT_GONE : begun ? Outcome.BROKEN_OFF : Outcome.REFUSED;
    }

    /** Some clients, Chromium among them, discard what they have not read yet when the connection breaks. */
    private boolean breakOff() {
        clocks.told();
        if (letGo || clocks.isDue(clocks.breakOff())) {
            return end(Outcome.BROKEN_OFF);
        }
        out.release();
        return waitFor(WaitsFor.CLIENT, clocks.breakOff());
    }

    private boolean waitForUpstream() {
        out.release(); // the container has written it: it would not be ready else
        if (source == null) {
            return waitFor(WaitsFor.REQUEST, clocks.deadline());
        }
        clocks.upstreamIsAsked();
        source.demand();
        return waitFor(WaitsFor.UPSTREAM, StreamClocks.earlier(heartbeat(), clocks.deadline()));
    }

    private long heartbeat() {
        return translator != null && translator.isWithinEvent() ? StreamClocks.NEVER : clocks.heartbeat();
    }

    private boolean waitFor(WaitsFor whom, long deadline) {
        long held = translator == null ? 0 : translator.heldBytes();
        waiting.begin(whom, held + out.length(), clocks.now());
        waiting.wakeAt(deadline, clocks.now());
        return false;
    }

    /** How an answer ended that nothing broke off. */
    private Outcome passed() {
        lacks = words().lacks();
        return lacks == null ? Outcome.WHOLE : Outcome.UNFINISHED;
    }

    /** The one place where a stream ends; it does so once. */
    private boolean end(Outcome how) {
        if (outcome != null) {
            return false;
        }
        outcome = how;
        // Whatever fails, for want of memory say: the upstream is let go, and the client does not wait for ever.
        try {
            waiting.end(clocks.now());
            countTokens();
            metrics.streamEnded(how);
            tellEnd(how);
        } finally {
            try {
                if (source != null && !over) {
                    source.cancel();
                }
            } finally {
                letClientGo(how);
            }
        }
        return false;
    }

    private void tellEnd(Outcome how) {
        try {
            onEnd.accept(this, summary(how));
        } catch (RuntimeException bug) {
            LOG.error("The end of a stream could not be told", bug);
        }
    }

    private void letClientGo(Outcome how) {
        switch (how) {
            case WHOLE, UNFINISHED, REFUSED, CLIENT_GONE -> downstream.complete();
            case BROKEN_OFF -> {
                if (downstream.isGone()) {
                    downstream.complete();
                } else {
                    downstream.abort();
                }
            }
            case CLIENT_STALLED -> downstream.abort();
        }
    }

    /** Once for many: common counters are dear. */
    private void countTokens() {
        metrics.tokens(tokens - counted);
        counted = tokens;
    }

    private StreamSummary summary(Outcome how) {
        return new StreamSummary(
                how,
                failure != null ? failure : lacks,
                source == null ? null : source.answering(),
                tokens,
                translator == null ? null : translator.usage(),
                clocks.firstToken(),
                clocks.duration(),
                fedBytes(),
                written,
                clocks.paused());
    }

    private Translator words() {
        return requireNonNull(translator);
    }

    private long fedBytes() {
        return translator == null ? 0 : translator.fedBytes();
    }

    private boolean goOnElsewhere() {
        try {
            executor.execute(this::run);
            return true;
        } catch (RejectedExecutionException stopping) {
            return false;
        }
    }

    private record Opening(Upstream upstream, Translator translator) {}
}
