package dev.sluice.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The headers that proxies have added to a request. Without credentials; of addresses it has the number only. */
final class ProxyHeaders {
    private static final Set<String> NAMES = Set.of(
            "accept-encoding",
            "cdn-loop",
            "cf-ray",
            "cf-visitor",
            "connection",
            "te",
            "via",
            "x-appgw-trace-id",
            "x-amz-cf-id",
            "x-amzn-trace-id",
            "x-arr-log-id",
            "x-arr-ssl",
            "x-azure-ref",
            "x-bluecoat-via",
            "x-envoy-attempt-count",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-internal",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-forwarded-proto",
            "x-forwarded-scheme",
            "x-forwarded-server",
            "x-haproxy-server-state",
            "x-iwproxy",
            "x-original-url",
            "x-scheme",
            "x-varnish");

    private static final Set<String> ADDRESSES = Set.of(
            "cf-connecting-ip", "forwarded", "x-client-ip", "x-envoy-external-address", "x-forwarded-for", "x-real-ip");

    /** Headers by which a server may authenticate its own proxy; their values are secrets. */
    private static final String SECRET = "x-azure-fdid";

    private static final int MOST_VALUES = 8;
    private static final int LONGEST_VALUE = 200;
    private static final Pattern COMMA = Pattern.compile(",");

    private ProxyHeaders() {}

    /** The headers by their names in lower case, in alphabetical order. */
    static Map<String, List<String>> of(HttpServletRequest request) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        Stream.of(NAMES.stream(), ADDRESSES.stream(), Stream.of(SECRET))
                .flatMap(names -> names)
                .sorted()
                .forEach(name -> {
                    List<String> values = Collections.list(request.getHeaders(name));
                    if (!values.isEmpty()) {
                        found.put(name, told(name, values));
                    }
                });
        return found;
    }

    private static List<String> told(String name, List<String> values) {
        if (name.equals(SECRET)) {
            return List.of("not shown");
        }
        return ADDRESSES.contains(name) ? List.of(counted(values)) : shown(values);
    }

    private static List<String> shown(List<String> values) {
        return values.stream()
                .limit(MOST_VALUES)
                .map(value -> value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value)
                .toList();
    }

    private static String counted(List<String> values) {
        long count = values.stream()
                .flatMap(COMMA::splitAsStream)
                .filter(part -> !part.isBlank())
                .count();
        return count == 1 ? "1 address" : String.format(Locale.ROOT, "%d addresses", count);
    }
}
