package dev.sluice.dialect;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The names of the headers that are passed on. A name that ends with {@code *} matches all names with that prefix. All
 * other headers are removed. The client's {@code Authorization} is never passed on, and neither is a response header
 * that holds a provider's key. Immutable.
 *
 * @param toUpstream request headers, without {@code *}
 * @param toClient response headers, in lower case
 */
public record PassedHeaders(List<String> toUpstream, List<String> toClient) {
    /** The headers for providers of all dialects. */
    public static final PassedHeaders COMMON = new PassedHeaders(
            List.of("Idempotency-Key", "X-Request-Id", "traceparent", "tracestate"),
            List.of("x-request-id", "retry-after", "retry-after-ms", "x-ratelimit-*"));

    public PassedHeaders {
        toUpstream = List.copyOf(toUpstream);
        toClient = toClient.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** These headers and more. */
    public PassedHeaders and(List<String> moreToUpstream, List<String> moreToClient) {
        return new PassedHeaders(
                Stream.concat(toUpstream.stream(), moreToUpstream.stream()).toList(),
                Stream.concat(toClient.stream(), moreToClient.stream()).toList());
    }

    /** Whether a response header is passed on to the client. Its name is in lower case. */
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
