package dev.sluice.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the client wants of the upstream. It travels as the prompt, so that every gateway passes it on.
 *
 * @param stream its number, which comes back with every token, so that a token of another's stream is known as such
 * @param tokens how many
 */
record Order(int stream, int tokens) {
    private static final Pattern IN_A_BODY = Pattern.compile("stream (\\d{1,6}), (\\d{1,7}) tokens");

    String prompt() {
        return "stream " + stream + ", " + tokens + " tokens";
    }

    /** The order in the body of a request, or null if there is none. */
    static @Nullable Order in(String body) {
        Matcher found = IN_A_BODY.matcher(body);
        return found.find() ? new Order(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2))) : null;
    }
}
