package dev.sluice.admission.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.admission.Level;
import dev.sluice.admission.Limit;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.relay.Clock;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One account as this node knows it: what this node holds and has spent of it, and the levels that the store has told. So the
 * node can count alone from here, and tell the store afterwards what it has missed.
 *
 * <p>All fields that change are guarded by this; nothing is called out to while it is locked, but the clock.
 */
final class SharedAccount {
    /** Who counts together. */
    record Key(String plan, String holder) {}

    /** Larger numbers would not be exact in scripts. */
    private static final long MOST = 1L << 50;

    private final Clock clock;
    private final byte[] name;
    private final byte[] count;

    private Terms terms = new Terms(List.of());

    /** What the store has told to be spent of each limit, less what was regained since. */
    private double[] told = {};

    /** The same with what this node has spent since, as far as the store had not counted it then. */
    private double[] spent = {};

    /** When both were brought up to date. */
    private long at;

    /** When the store has last told them. */
    private long toldAt;

    private long heldTokens;
    private long streams;

    /** All that this node has spent. */
    private long tokens;

    private long requests;

    /** What of it the store has said to be counted. */
    private long countedTokens;

    private long countedRequests;

    /** The number of the last connection on which the store was told what this node holds; 0 for none. */
    private int epoch;

    /** When it was last told. */
    private long epochAt;

    /**
     * The most streams that the store may count as held by this node. Those of takes that were sent belong to it, whether they are
     * answered or not: if the answer never comes, the store may have counted them all the same.
     */
    private long storeStreams;

    /** Whether a restoration was sent last and is not answered. Before its answer, nothing is sure. */
    private boolean isBeingRestored;

    private boolean forgotten;

    /** @param count tells this object from others for the same account, which this node has forgotten */
    SharedAccount(Key key, long count, Clock clock) {
        this.clock = clock;
        this.name = name(key);
        this.count = Long.toString(count).getBytes(US_ASCII);
        this.at = clock.nanoTime();
        this.toldAt = at;
    }

    /** Its key in the store. It does not show the names of plan and holder. */
    byte[] name() {
        return name;
    }

    byte[] count() {
        return count;
    }

    /** From now on, it has these limits. */
    synchronized Terms terms(List<Limit> limits) {
        if (terms.limits() != limits && !terms.limits().equals(limits)) {
            double[] toldBefore = told;
            double[] spentBefore = spent;
            List<Limit> before = terms.limits();
            pass();
            terms = new Terms(limits);
            told = new double[limits.size()];
            spent = new double[limits.size()];
            for (int i = 0; i < told.length; i++) {
                for (int j = 0; j < toldBefore.length; j++) {
                    Limit limit = limits.get(i);
                    if (limit.unit() == before.get(j).unit()
                            && limit.period() == before.get(j).period()) {
                        told[i] = toldBefore[j];
                        spent[i] = spentBefore[j];
                    }
                }
            }
        }
        return terms;
    }

    /** The limits that it has. */
    synchronized Terms terms() {
        return terms;
    }

    synchronized boolean isForgotten() {
        return forgotten;
    }

    /** The number of the last connection on which the store was told what this node holds; 0 for none. */
    synchronized int epoch() {
        return epoch;
    }

    /** The levels, as far as this node knows them. */
    synchronized List<Level> levels(List<Limit> limits) {
        terms(limits);
        pass();
        return terms.levels(spent, heldTokens, streams);
    }

    /**
     * Takes one stream, one request and so many tokens, of which the store does not know.
     *
     * @param anyhow even if they do not fit
     * @return the levels: after it, or those that it does not fit; null if the account is forgotten
     */
    synchronized @Nullable Alone takeAlone(List<Limit> limits, long need, boolean anyhow) {
        if (forgotten) {
            return null;
        }
        List<Level> before = levels(limits);
        if (!anyhow && !before.stream().allMatch(level -> level.fits(need))) {
            return new Alone(false, before);
        }
        take(need);
        try {
            spend(Unit.REQUESTS, 1);
            return new Alone(true, levels(limits));
        } catch (RuntimeException | Error fault) { // such as the one for want of memory
            giveBack(need);
            throw fault;
        }
    }

    /** What {@link #takeAlone} has come to. */
    record Alone(boolean fits, List<Level> levels) {}

    /** The store is going to be asked to take a stream. From now on, it may count one more. */
    synchronized void taking() {
        storeStreams++;
    }

    /** The store has taken one stream, one request and so many tokens. */
    synchronized void taken(long need) {
        take(need);
        countedRequests++;
    }

    /** The store has taken nothing. */
    synchronized void notTaken() {
        storeStreams--;
    }

    /**
     * Gives back what a stream has held, and spends what it has used.
     *
     * @return the connection on which the store is to be told; it is of no use on others
     */
    synchronized int settle(long need, long used) {
        giveBack(need);
        tokens += bounded(used);
        pass();
        spend(Unit.TOKENS, bounded(used));
        return epoch;
    }

    /** The store has counted tokens that were settled, and counts so many streams less. */
    synchronized void counted(int ended, long used) {
        countedTokens += bounded(used);
        storeStreams = Math.max(0, storeStreams - ended);
    }

    /** The store has told these levels. */
    synchronized void told(Terms by, Answer answer) {
        if (by != terms || answer.spent().length != told.length) {
            return;
        }
        at = clock.nanoTime();
        toldAt = at;
        for (int i = 0; i < told.length; i++) {
            told[i] = answer.spent()[i];
            spent[i] = told[i]
                    + switch (terms.limits().get(i).unit()) {
                        case STREAMS -> 0;
                        case REQUESTS -> requests - countedRequests;
                        case TOKENS -> tokens - countedTokens;
                    };
        }
    }

    /**
     * All that the store needs to know, to be told on this connection before anything else of this account.
     *
     * @param lost whether the store has lost its data
     * @return null if there is nothing to tell
     */
    synchronized @Nullable Restoration restoration(int connection, boolean lost) {
        boolean first = epoch == 0;
        epoch = connection;
        pass();
        epochAt = at;
        if (first && streams == 0 && tokens == 0 && requests == 0) {
            return null;
        }
        StringBuilder levels = new StringBuilder();
        for (int i = 0; i < told.length; i++) {
            levels.append(told[i]).append(' ').append(spent[i] - told[i]).append(';');
        }
        Restoration all = new Restoration(
                terms,
                heldTokens,
                streams,
                tokens,
                requests,
                countedTokens,
                countedRequests,
                lost,
                (at - toldAt) / 1000,
                levels.toString());
        storeStreams = streams; // earlier connections change nothing any more
        isBeingRestored = true;
        return all;
    }

    /** The store was told it. */
    synchronized void restored(Restoration restoration) {
        countedTokens = restoration.tokens();
        countedRequests = restoration.requests();
        isBeingRestored = false;
    }

    /** Whether the next connection has to tell something: what is held, what was spent, or that something is not held. */
    synchronized boolean isToBeRestored() {
        return streams > 0 || tokens != countedTokens || requests != countedRequests || mayBeHeldInVain();
    }

    /** Whether the store may count streams as held that have ended, or have not begun. */
    private boolean mayBeHeldInVain() {
        return storeStreams > 0 || isBeingRestored;
    }

    /** Whether streams are open of which the store was last told before that time. */
    synchronized boolean isHeldSince(long nanoTime) {
        return streams > 0 && epochAt - nanoTime < 0;
    }

    /** The store is told something of it. */
    synchronized void touched() {
        epochAt = clock.nanoTime();
    }

    /**
     * Forgets it if nothing is spent or held.
     *
     * @param anyhow even if something is spent, as long as the store knows it
     * @return whether it is forgotten
     */
    synchronized boolean forget(boolean anyhow) {
        pass();
        if (streams == 0
                && !mayBeHeldInVain()
                && (anyhow ? !isToBeRestored() : Arrays.stream(spent).allMatch(each -> each == 0))) {
            forgotten = true;
        }
        return forgotten;
    }

    private void take(long need) {
        heldTokens += bounded(need);
        streams++;
        requests++;
    }

    private void giveBack(long need) {
        heldTokens -= bounded(need);
        streams--;
    }

    private void spend(Unit unit, long more) {
        for (int i = 0; i < spent.length; i++) {
            if (terms.limits().get(i).unit() == unit) {
                spent[i] += more;
            }
        }
    }

    private void pass() {
        long now = clock.nanoTime();
        for (int i = 0; i < told.length; i++) {
            Limit limit = terms.limits().get(i);
            if (limit.unit() != Unit.STREAMS) {
                double regained = Terms.regained(limit, now - at);
                told[i] = Math.max(0, told[i] - regained);
                spent[i] = Math.max(0, spent[i] - regained);
            }
        }
        at = now;
    }

    static long bounded(long tokens) {
        return Math.min(tokens, MOST);
    }

    private static byte[] name(Key key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key.plan().getBytes(UTF_8));
            digest.update((byte) 0); // which no plan's name has
            byte[] hash = digest.digest(key.holder().getBytes(UTF_8));
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 18));
            return (Session.PREFIX + "account:" + text).getBytes(US_ASCII);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What is told to the store of an account, see {@code restore.lua}. */
    record Restoration(
            Terms terms,
            long heldTokens,
            long streams,
            long tokens,
            long requests,
            long countedTokens,
            long countedRequests,
            boolean lost,
            long sinceToldMicros,
            String levels) {}
}
