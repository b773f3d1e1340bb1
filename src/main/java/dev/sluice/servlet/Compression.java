package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Refuses compressed request bodies. A container or a filter of the host may decompress them before; Sluice does not. */
final class Compression {
    private Compression() {}

    /** The failure for a compressed body; null if the body is not compressed. */
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
