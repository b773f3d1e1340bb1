package dev.sluice.dialect;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The headers that pass, by name; a name that ends with {@code *} stands for all that begin so. All others stay where they
 * are. The client's {@code Authorization} never passes, and nothing passes back that holds a provider's key. Immutable.
 *
 * @param toUpstream of a request; each a whole name
 * @param toClient of an answer; in lower case
 */
public record PassedHeaders(List<String> toUpstream, List<String> toClient) {
    /** What providers of any dialect know. */
    public static final PassedHeaders COMMON = new PassedHeaders(
            List.of("Idempotency-Key", "X-Request-Id", "traceparent", "tracestate"),
            List.of("x-request-id", "retry-after", "retry-after-ms", "x-ratelimit-*"));

    public PassedHeaders {
        toUpstream = List.copyOf(toUpstream);
        toClient = toClient.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** These, and more. */
    public PassedHeaders and(List<String> moreToUpstream, List<String> moreToClient) {
        return new PassedHeaders(
                Stream.concat(toUpstream.stream(), moreToUpstream.stream()).toList(),
                Stream.concat(toClient.stream(), moreToClient.stream()).toList());
    }

    /** Whether a header of an answer passes to the client; its name is in lower case. */
    public boolean passToClient(String name) {
        for (String passed : toClient) {
            if (passed.endsWith("*")
                    ? name.startsWith(passed.substring(0, passed.length() - 1))
                    : name.equals(passed)) {
                return true;
            }
        }
        return false;
    }
}
