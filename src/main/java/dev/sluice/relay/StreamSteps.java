package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamListener.AttemptOutcome;
import dev.sluice.relay.StreamMetrics.WaitsFor;
import dev.sluice.relay.Translator.Meaning;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one stream's loop. The loop takes the first {@linkplain #step step} that applies, as long as one does.
 *
 * <p>All methods are called by the thread that holds the stream's baton, which guards all fields.
 */
final class StreamSteps {
    private final Downstream downstream;
    private final Signals signals;
    private final Limits limits;
    private final StreamMetrics metrics;
    private final Runnable wake;
    private final StreamListeners listeners;
    private final Runnable onEnd;

    private final StreamClocks clocks;
    private final Waiting waiting;
    private final Output output;
    private Stage stage = Stage.RECEIVING;
    private @Nullable Exchange exchange; // from CONNECTING on
    private @Nullable Failure failure; // from CLOSING on: why the answer is not whole; null if it is
    private @Nullable Failure lacks; // what the answer lacks, though its provider has ended it properly
    private boolean noAnswer; // the provider has ended its answer without a token, and it is not whole
    private boolean faulty; // an exception in Sluice was turned into a refusal
    private long readEnough; // the run ends when the upstream has sent so many bytes in all
    private boolean cutOff; // the run has ended because of readEnough
    private long tokens;
    private long countedTokens; // those that the metrics know

    /**
     * @param wake makes the loop run again; any thread may call it
     * @param onEnd called once, when the listeners have been told of the end
     */
    StreamSteps(
            Downstream downstream,
            Signals signals,
            Limits limits,
            Clock clock,
            StreamMetrics metrics,
            StreamListeners listeners,
            Runnable wake,
            Runnable onEnd) {
        this.downstream = downstream;
        this.signals = signals;
        this.limits = limits;
        this.metrics = metrics;
        this.listeners = listeners;
        this.wake = wake;
        this.onEnd = onEnd;
        this.clocks = new StreamClocks(limits, clock.nanoTime());
        this.waiting = new Waiting(metrics, clock, wake);
        this.output = new Output(downstream, metrics);
    }

    /** A run of the loop begins. It ends at the latest when it has read this number of bytes from the upstream. */
    void beginRun(long bytes) {
        readEnough = fedBytes() + bytes;
        cutOff = false;
    }

    /** The stream was woken, so anything may have changed. */
    void lookAgain(long now) {
        clocks.tick(now);
        if (exchange != null) {
            exchange.lookAgain();
        }
    }

    /** Whether the run has ended only because it has read enough: then the loop has to run again. */
    boolean isCutOff() {
        return cutOff;
    }

    // ---- The loop.

    /** Takes the first step that applies. @return whether another may apply now */
    boolean step() {
        // 1. The stream has ended.
        if (stage == Stage.ENDED) {
            return false;
        }
        // 2. The client is gone.
        if (downstream.isGone()) {
            return end(afterClientLeft());
        }
        // 3. The client can take nothing now.
        if (!downstream.isReady()) {
            return waitForClient();
        }
        clientIsReady();
        // 4. The output buffer is full.
        if (output.length() >= limits.bufferBytes()) {
            return write();
        }
        boolean enough = fedBytes() >= readEnough;
        if (stage.isBefore(Stage.CLOSING)) {
            // 5. The translator has a whole event.
            if (translate()) {
                return true;
            }
            // 6. The upstream has bytes that can be read now, or has ended.
            if (!enough && read()) {
                return true;
            }
        }
        // 7. Nothing more comes from the upstream: the end of the answer is encoded.
        if (stage == Stage.CLOSING) {
            return sayLastWords();
        }
        // 8. There is output to write, or to flush.
        if (output.length() > 0) {
            return write();
        }
        if (output.isUnflushed()) {
            return flush();
        }
        // 9. Everything is flushed: the stream ends, or waits.
        if (stage == Stage.FLUSHING || stage == Stage.LINGERING) {
            return conclude();
        }
        if (clocks.isDue(clocks.deadline(stage))) {
            return upstreamEnded(whyLate());
        }
        if (clocks.isDue(heartbeat())) {
            return sayKeepAlive();
        }
        if (enough) {
            cutOff = true;
            return false;
        }
        return waitForUpstream();
    }

    // ---- Steps: each says whether another may apply now.

    private boolean waitForClient() {
        clocks.clientBlocks();
        if (signals.letGo || clocks.isDue(clocks.stall())) {
            return end(Outcome.CLIENT_STALLED);
        }
        return waitFor(WaitsFor.CLIENT, clocks.stall());
    }

    private void clientIsReady() {
        long blocked = clocks.clientTakes(stage);
        if (blocked > 0) {
            listeners.paused(stage.isBefore(Stage.CLOSING) ? output.heldBack() : Pause.ENDING, blocked);
        }
        if (waiting.isFor(WaitsFor.CLIENT)) {
            waiting.over(clocks.now());
        }
    }

    /** Translates the events that the translator has, until the output buffer is full. */
    private boolean translate() {
        Exchange with = exchange;
        if (with == null) {
            return false;
        }
        int before = output.length();
        Meaning meaning = with.translate(output.encoder());
        if (meaning == Meaning.NOTHING) {
            return false;
        }
        boolean spoke = isMore(meaning);
        while (heard(meaning) && output.length() < limits.bufferBytes()) {
            meaning = with.translate(output.encoder());
            spoke |= isMore(meaning);
        }
        if (spoke) {
            clocks.finished(with.translator().isFinished());
        }
        if (output.length() > before) {
            begin();
            output.encoded();
        }
        return true;
    }

    /** Whether the event is part of the answer, so that {@link Translator#isFinished} may have changed. */
    private static boolean isMore(Meaning meaning) {
        return meaning == Meaning.TOKEN || meaning == Meaning.LIFE;
    }

    /** Does what an event's meaning requires. @return whether another event may follow */
    private boolean heard(Meaning meaning) {
        return switch (meaning) {
            case NOTHING -> false;
            case COMMENT, LIFE -> true;
            case TOKEN -> {
                token();
                yield true;
            }
            case WHOLE -> {
                close(null);
                yield false;
            }
            case FAILED -> {
                noAnswer = tokens == 0;
                close(exchange().translator().failure());
                yield false;
            }
        };
    }

    private void token() {
        tokens++;
        clocks.token();
        if (stage != Stage.STREAMING) {
            enter(Stage.STREAMING);
            listeners.firstToken(requireNonNull(clocks.firstToken()));
        }
    }

    private boolean read() {
        Failure refused = signals.refusal;
        if (refused != null) {
            boolean whole = exchange != null && exchange.isFinished();
            return whole ? upstreamEnded(null) : giveUp(refused);
        }
        if (stage.isBefore(Stage.CONNECTING) && !start()) {
            return false;
        }
        Exchange from = exchange();
        if (stage == Stage.CONNECTING && from.upstream().sent()) {
            enter(Stage.WAITING);
        }
        return switch (from.read()) {
            case NOTHING -> false;
            case BYTES -> {
                clocks.upstreamSpoke();
                waiting.over(clocks.now());
                yield true;
            }
            case END -> upstreamEnded(null);
            case FAILED -> upstreamEnded(from.upstream().failure());
        };
    }

    /** Passes the request on to the upstream. @return false if that is not decided yet */
    private boolean start() {
        Exchange with = signals.passedOn;
        if (with == null) {
            if (stage == Stage.RECEIVING && signals.received) {
                enter(Stage.ADMITTING);
            }
            return false;
        }
        exchange = with;
        clocks.passedOn(with.upstream().timeouts(), with.translator().takesComments());
        enter(Stage.CONNECTING);
        waiting.over(clocks.now());
        with.upstream().start(wake, listeners);
        return true;
    }

    private boolean upstreamEnded(@Nullable Failure reason) {
        if (exchange == null || !exchange.hasTranslator()) {
            return close(reason);
        }
        int before = output.length();
        Failure why = exchange.translator().ends(reason, output.encoder());
        if (output.length() > before) {
            begin();
        }
        noAnswer = reason == null && why != null && tokens == 0;
        return close(why);
    }

    /** Ends the call to the upstream for a reason that is not the upstream's. */
    private boolean giveUp(Failure reason) {
        listeners.attemptEnded(AttemptOutcome.GIVEN_UP, reason);
        return close(reason);
    }

    /**
     * Ends the call to the upstream, from which nothing more is read.
     *
     * @param reason null if the answer is whole
     */
    private boolean close(@Nullable Failure reason) {
        failure = reason;
        waiting.over(clocks.now());
        listeners.attemptEnded(reason == null ? AttemptOutcome.ANSWERED : AttemptOutcome.FAILED, reason);
        if (exchange != null) {
            if (reason == null) {
                exchange.upstream().finish();
            } else {
                exchange.upstream().cancel();
            }
        }
        enter(Stage.CLOSING); // last, so that end() cancels the call if an exception was thrown here
        return true;
    }

    private boolean sayLastWords() {
        enter(Stage.FLUSHING);
        Failure reason = failure;
        if (reason == null) {
            begin();
            exchange().translator().done(output.encoder());
        } else if (output.isBegun() || reason.status() == 200) {
            begin();
            exchange().translator().brokenOff(reason, output.encoder());
        } else {
            output.refuse(reason, head());
        }
        output.encoded();
        return true;
    }

    /** The failure of a stream whose deadline has passed; null if its answer is whole. */
    private @Nullable Failure whyLate() {
        Failure known = signals.refusalToCome;
        return stage == Stage.RECEIVING && known != null ? known : clocks.timeout(stage);
    }

    private boolean sayKeepAlive() {
        begin();
        output.heartbeat();
        return true;
    }

    private void begin() {
        if (!output.isBegun()) {
            output.begin(exchange().translator().contentType(), exchange().head());
        }
    }

    private boolean write() {
        output.write();
        countTokens();
        clocks.wrote();
        return true;
    }

    private boolean flush() {
        output.flush();
        return true;
    }

    /** The end of the answer is flushed. */
    private boolean conclude() {
        if (failure == null) {
            return end(passed());
        }
        if (!output.isBegun() && !signals.requestComes) {
            return end(Outcome.REFUSED);
        }
        if (stage != Stage.LINGERING) {
            enter(Stage.LINGERING);
        }
        long until = output.isBegun() ? clocks.breakOff() : clocks.requestDeadline();
        if (signals.letGo || clocks.isDue(until)) {
            return end(toldOutcome());
        }
        output.release();
        return waitFor(output.isBegun() ? WaitsFor.CLIENT : WaitsFor.REQUEST, until);
    }

    /** The outcome of an answer that its provider has ended properly. */
    private Outcome passed() {
        lacks = exchange().translator().lacks();
        return lacks == null ? Outcome.WHOLE : Outcome.UNFINISHED;
    }

    /** The outcome of a stream whose client has left. In LINGERING the client was told of the failure before. */
    private Outcome afterClientLeft() {
        return stage == Stage.LINGERING ? toldOutcome() : Outcome.CLIENT_GONE;
    }

    /** The outcome of a stream whose client was told of its failure. */
    private Outcome toldOutcome() {
        return output.isBegun() ? Outcome.BROKEN_OFF : Outcome.REFUSED;
    }

    private boolean waitForUpstream() {
        output.release();
        if (stage.isBefore(Stage.CONNECTING)) {
            return waitFor(stage == Stage.RECEIVING ? WaitsFor.REQUEST : WaitsFor.ADMISSION, clocks.deadline(stage));
        }
        clocks.upstreamIsAsked();
        exchange().upstream().demand();
        return waitFor(WaitsFor.UPSTREAM, StreamClocks.earlier(heartbeat(), clocks.deadline(stage)));
    }

    /** When a heartbeat is due. There is none within an event of which only a part was passed on. */
    private long heartbeat() {
        boolean withinEvent = exchange != null && exchange.translator().isWithinEvent();
        return withinEvent ? StreamClocks.NEVER : clocks.heartbeat();
    }

    private boolean waitFor(WaitsFor whom, long deadline) {
        long held = exchange == null ? 0 : exchange.heldBytes();
        waiting.begin(whom, held + output.length(), clocks.now());
        waiting.wakeAt(deadline, clocks.now());
        return false;
    }

    /** Ends the stream; later calls do nothing. No other method ends it. @return false, because no step applies any more */
    boolean end(Outcome how) {
        if (stage == Stage.ENDED) {
            return false;
        }
        boolean upstreamIsOpen = stage.isBefore(Stage.CLOSING);
        enter(Stage.ENDED);
        // Whatever fails here, for example for lack of memory: the upstream's call and the client's answer are ended.
        try {
            tellEnd(how);
        } finally {
            try {
                if (exchange != null && upstreamIsOpen) {
                    exchange.upstream().cancel();
                }
            } finally {
                output.end(how);
            }
        }
        return false;
    }

    /** Tells the listeners that the stream has ended, even if something fails here. */
    private void tellEnd(Outcome how) {
        StreamSummary told = StreamSummary.of(how);
        try {
            waiting.end(clocks.now());
            countTokens();
            told = summary(how);
        } finally {
            try {
                listeners.ended(told);
            } finally {
                onEnd.run();
            }
        }
    }

    private StreamSummary summary(Outcome how) {
        return new StreamSummary(
                how,
                failure != null ? failure : lacks,
                listeners.latestAttempt(),
                mayHaveWorked(),
                head(),
                tokens,
                exchange == null ? null : exchange.usage(),
                clocks.firstToken(),
                clocks.duration(),
                fedBytes(),
                output.writtenBytes(),
                clocks.paused());
    }

    // ---- Faults of Sluice.

    /**
     * Turns an exception that a step has thrown into a refusal, if nothing was written yet and the client can take output. It
     * does so once in a stream.
     *
     * @return whether it did; then the next steps write the refusal
     */
    boolean refuseFor(Throwable fault) {
        if (faulty || output.isWriting() || stage == Stage.ENDED || downstream.isGone() || !downstream.isReady()) {
            return false;
        }
        faulty = true;
        if (exchange != null) {
            exchange.dropTranslator();
        }
        output.reset();
        Failure reason = fault instanceof OutOfMemoryError ? Failure.noMemory() : Failure.internal();
        if (stage.isBefore(Stage.CLOSING)) {
            giveUp(reason);
        } else { // the call to the upstream has ended already
            failure = reason;
            enter(Stage.CLOSING);
        }
        return true;
    }

    // ---- Helpers.

    /** Changes the stage. No other method does. */
    private void enter(Stage next) {
        stage = next;
        clocks.entered(next);
    }

    /** Adds the tokens since the last call, because counters that all threads share are too slow for each token. */
    private void countTokens() {
        metrics.tokens(tokens - countedTokens);
        countedTokens = tokens;
    }

    private Exchange exchange() {
        return requireNonNull(exchange);
    }

    /** An error that comes in the place of an answer, with the status 200, is a refusal too. */
    private boolean mayHaveWorked() {
        return exchange != null && !noAnswer && exchange.upstream().mayHaveWorked();
    }

    /** That of the upstream's answer. */
    private Head head() {
        return exchange == null ? Head.NONE : exchange.upstream().head();
    }

    private long fedBytes() {
        return exchange == null ? 0 : exchange.fedBytes();
    }
}
