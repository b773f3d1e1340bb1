package dev.sluice.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares a stream with the expected one event by event, and reports the differences. Comments between events are allowed.
 * It is slow, and is used only for streams that differ from the expected bytes. Confined to one thread.
 */
final class Autopsy {
    private static final Pattern TOKEN = Pattern.compile("(?<!\\d)(\\d{6})\\.(\\d{7})(?!\\d)");
    private static final Pattern COMMENTS = Pattern.compile("(?m)^:.*\n");
    private static final int MAX_EVENT = 1 << 20;
    private static final int TOLD = 200;

    private final Order order;
    /** The event of a token, with a mark in place of its numbers. */
    private final String tokenEvent;
    /** The events before and behind those of the tokens. */
    private final List<String> words;

    private final int opening;

    private final StringBuilder partial = new StringBuilder();
    private final BitSet seen = new BitSet();
    private int wordsHeard;
    private int next;
    private int doubled;
    private int disordered;
    private int foreign;
    private @Nullable String firstForeign;

    Autopsy(Order order, StreamText expected) {
        this.order = order;
        this.tokenEvent = expected.block();
        this.words = new ArrayList<>(events(expected.opening()));
        this.opening = words.size();
        this.words.addAll(events(expected.closing()));
    }

    void take(byte[] bytes, int from, int to) {
        partial.append(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        int begin = 0;
        for (int end = endOfEvent(0); end >= 0; end = endOfEvent(begin)) {
            event(partial.substring(begin, end));
            begin = end;
        }
        partial.delete(0, begin);
        if (partial.length() > MAX_EVENT) {
            foreign("an endless event: " + partial);
            partial.setLength(0);
        }
    }

    /** Adds the result to the tally, after the last bytes. */
    void report(@Nullable String trouble, Tally tally) {
        String rest = COMMENTS.matcher(partial).replaceAll("");
        int missing = order.tokens() - seen.cardinality();
        boolean ended = wordsHeard == words.size();
        boolean whole = missing == 0 && doubled == 0 && disordered == 0 && foreign == 0;
        if (trouble == null && whole && ended && rest.isEmpty()) {
            tally.whole(order.tokens());
            return;
        }
        String why = trouble != null ? trouble : ended ? "not as expected" : "no proper end";
        if (firstForeign != null) {
            why += ", " + firstForeign;
        }
        if (!rest.isEmpty()) {
            why += ", half an event at the end: " + shortened(rest);
        }
        tally.faulty(order.stream(), why, seen.cardinality(), missing, doubled, disordered, foreign);
    }

    private int endOfEvent(int from) {
        int blank = partial.indexOf("\n\n", from);
        return blank < 0 ? -1 : blank + 2;
    }

    private void event(String withComments) {
        String event = COMMENTS.matcher(withComments).replaceAll("");
        Matcher number = TOKEN.matcher(event);
        if (number.find()) {
            token(event, Integer.parseInt(number.group(1)), Integer.parseInt(number.group(2)));
        } else if (wordsHeard < words.size() && words.get(wordsHeard).equals(event)) {
            wordsHeard++;
        } else {
            foreign(event);
        }
    }

    private void token(String event, int stream, int token) {
        String expected = tokenEvent.replace(StreamText.MARK, StreamText.token(order.stream(), token));
        if (stream != order.stream() || token >= order.tokens() || !event.equals(expected)) {
            foreign(event);
            return;
        }
        if (seen.get(token)) {
            doubled++;
            return;
        }
        seen.set(token);
        if (token < next || wordsHeard != opening) {
            disordered++;
        }
        next = Math.max(next, token + 1);
    }

    private void foreign(String event) {
        foreign++;
        if (firstForeign == null) {
            firstForeign = "an event that does not belong there: " + shortened(event);
        }
    }

    private static String shortened(String text) {
        return (text.length() > TOLD ? text.substring(0, TOLD) + "…" : text).replace("\n", "⏎");
    }

    private static List<String> events(String text) {
        List<String> all = new ArrayList<>();
        int begin = 0;
        for (int end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", begin)) {
            all.add(text.substring(begin, end + 2));
            begin = end + 2;
        }
        return all;
    }
}
