package dev.sluice.dialect;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Maps the code, type or status word of an error of any provider to an HTTP status. */
final class ErrorStatus {
    private static final Map<String, Integer> OF_WORD = Map.ofEntries(
            Map.entry("rate_limit_exceeded", 429),
            Map.entry("rate_limit_error", 429),
            Map.entry("rate_limited", 429),
            Map.entry("overloaded_error", 529), // these three are Anthropic's
            Map.entry("authentication_error", 401),
            Map.entry("permission_error", 403),
            Map.entry("rate_limit_reached", 429),
            Map.entry("ratelimiterror", 429),
            Map.entry("too_many_requests", 429),
            Map.entry("resource_exhausted", 429),
            Map.entry("quota_exceeded", 429),
            Map.entry("insufficient_quota", 429),
            Map.entry("billing_hard_limit_reached", 429),
            Map.entry("some_resource_has_been_exhausted", 429), // these are xAI's, from gRPC
            Map.entry("some_requested_entity_was_not_found", 404),
            Map.entry("client_specified_an_invalid_argument", 400),
            Map.entry("payment_required", 402),
            Map.entry("billing_error", 402),
            Map.entry("insufficient_balance", 402),
            Map.entry("insufficient_credits", 402),
            Map.entry("model_not_found", 404),
            Map.entry("not_found", 404),
            Map.entry("not_found_error", 404),
            Map.entry("notfounderror", 404),
            Map.entry("request_too_large", 413),
            Map.entry("payload_too_large", 413),
            Map.entry("unprocessable_entity", 422),
            Map.entry("invalid_request", 400),
            Map.entry("invalid_request_error", 400),
            Map.entry("invalid_argument", 400),
            Map.entry("invalid_value", 400),
            Map.entry("bad_request", 400),
            Map.entry("badrequesterror", 400),
            Map.entry("unsupported_parameter", 400),
            Map.entry("unsupported_value", 400),
            Map.entry("missing_required_parameter", 400),
            Map.entry("context_length_exceeded", 400),
            Map.entry("exceed_context_size_error", 400),
            Map.entry("string_above_max_length", 400),
            Map.entry("content_filter", 400),
            Map.entry("content_policy_violation", 400));

    /** Types that tell no more than a status does. */
    private static final Set<String> GENERIC = Set.of(
            "error",
            "api_error",
            "server_error",
            "internal_error",
            "internal_server_error",
            "upstream_error",
            "invalid_request_error",
            "rate_limit_error",
            "not_found_error",
            "badrequesterror",
            "notfounderror");

    private ErrorStatus() {}

    /** The status; 0 if the word is not known. */
    static int of(@Nullable String word) {
        if (word == null) {
            return 0;
        }
        if (word.length() == 3
                && (word.charAt(0) == '4' || word.charAt(0) == '5')
                && isDigit(word.charAt(1))
                && isDigit(word.charAt(2))) {
            return Integer.parseInt(word);
        }
        return OF_WORD.getOrDefault(normal(word), 0);
    }

    /** Whether an error's type tells more than its status. */
    static boolean isSpecific(String type) {
        return !GENERIC.contains(normal(type)) && type.length() > 1;
    }

    private static String normal(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
