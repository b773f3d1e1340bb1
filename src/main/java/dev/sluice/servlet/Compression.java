package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Bodies of requests that are compressed: a container or a host's filter may read them, Sluice does not. */
final class Compression {
    private Compression() {}

    /** Why the request's body cannot be read; null if it can. */
    static @Nullable Failure refusal(HttpServletRequest request) {
        for (String value : Collections.list(request.getHeaders("Content-Encoding"))) {
            for (String part : value.split(",", -1)) {
                String coding = part.strip().toLowerCase(Locale.ROOT);
                if (!coding.isEmpty() && !coding.equals("identity")) {
                    return Failure.invalid(
                            415,
                            "unsupported_encoding",
                            "The request's body has the Content-Encoding " + named(coding)
                                    + ", which is not read here: send it uncompressed.",
                            null);
                }
            }
        }
        return null;
    }

    private static String named(String coding) {
        return coding.matches("[a-z0-9!#$%&*+.^_|~-]{1,40}") ? "\"" + coding + "\"" : "of an unknown name";
    }
}
